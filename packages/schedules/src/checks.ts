/** Returns `value`, or throws a `RangeError` naming the argument, its value and what is allowed. */
export function requireThat<T>(ok: boolean, name: string, value: T, allowed: string): T {
  if (!ok) throw new RangeError(`${name} must be ${allowed}, got ${show(value)}`);
  return value;
}

/** A finite number from `minimum` (0) to `maximum` (any), both included. */
export function requireWithin(name: string, value: number, minimum = 0, maximum?: number): number {
  const allowed = maximum === undefined ? `≥ ${minimum}` : `from ${minimum} to ${maximum}`;
  const ok = Number.isFinite(value) && value >= minimum && value <= (maximum ?? Infinity);
  return requireThat(ok, name, value, `a finite number ${allowed}`) + 0; // + 0 because JSON makes 0 of −0
}

/** A finite number greater than 0. */
export function requirePositive(name: string, value: number): number {
  return requireThat(Number.isFinite(value) && value > 0, name, value, 'a finite number > 0');
}

/** A number from 0 to less than 1. */
export function requireBelowOne(name: string, value: number): number {
  const ok = Number.isFinite(value) && value >= 0 && value < 1;
  return requireThat(ok, name, value, 'a number ≥ 0 and < 1') + 0;
}

/** A function, to be called later. */
export function requireFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw new TypeError(`${name} must be a function, got ${show(value)}`);
}

/** An integer of at least 1, such as a number of steps. */
export function requireCount(name: string, value: number): number {
  return requireThat(Number.isSafeInteger(value) && value >= 1, name, value, 'an integer ≥ 1');
}

/** A value as an error message shows it. */
export function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
