import type { NetworkSettings } from './network-builder.ts';

/**
 * Checks what a family needs of its images.
 *
 * @throws RangeError
 */
export function requireImages(
  { inputShape: [height, width] }: NetworkSettings,
  needs: { square?: boolean; side?: number; multipleOf?: number },
): void {
  const { square = false, side = 1, multipleOf = 1 } = needs;
  const isWrong =
    (square && height !== width) ||
    Math.min(height, width) < side ||
    height % multipleOf > 0 ||
    width % multipleOf > 0;
  if (!isWrong) return;
  const wanted = [
    ...(square ? ['equal'] : []),
    ...(side > 1 ? [`at least ${side}`] : []),
    ...(multipleOf > 1 ? [`multiples of ${multipleOf}`] : []),
  ];
  throw new RangeError(
    `height and width of inputShape must be ${wanted.join(' and ')}, but are ${height} and ${width}`,
  );
}
