import { modelVariant, type ModelName } from '@superconvergence/models';
import { InvalidArgumentError } from 'commander';
import { z } from 'zod';

export const modelNameSchema = z.string().transform((name, context) => {
  try {
    modelVariant(name);
    return name as ModelName;
  } catch (error) {
    context.addIssue(messageOf(error));
    return z.NEVER;
  }
});

/** Parses a network's name from the command line. */
export function modelName(text: string): ModelName {
  const { success, data, error } = modelNameSchema.safeParse(text);
  if (success) return data;
  throw new InvalidArgumentError(error.issues.map(({ message }) => message).join('; '));
}

/** Parses names separated by commas. */
export function modelNameList(text: string): ModelName[] {
  return text.split(',').map((name) => modelName(name.trim()));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
