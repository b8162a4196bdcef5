/** Guards for our own invariants: a failure here is a bug of ours, never the user's. */

/** Ends a `switch` over a closed set, so that the compiler and the runtime both refuse an unknown variant. */
export function assertNever(value: never, what = 'variant'): never {
  throw new Error(`unknown ${what}: ${JSON.stringify(value)}`);
}

export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}
