import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

/** What a bundler makes of a program that imports from this package: minified JavaScript for browsers. */
export async function bundle(program: string): Promise<string> {
  const entry = fileURLToPath(new URL('./entry.ts', import.meta.url));
  const bundler = await rolldown({
    input: entry,
    platform: 'browser',
    plugins: [
      {
        name: 'program',
        load: (id) => (id === entry ? program : undefined),
        resolveId: (id) => (id === entry ? id : undefined),
      },
    ],
  });
  const { output } = await bundler.generate({ format: 'es', minify: true });
  await bundler.close();
  return output[0].code;
}
