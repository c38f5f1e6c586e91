/** A power that stays finite, because 0·∞ is NaN. */
export function finitePower(base: number, exponent: number): number {
  return Math.min(base ** exponent, Number.MAX_VALUE);
}
