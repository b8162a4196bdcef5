/** How much of a file or of a task's output is asked for, by -f, -tail, -n and -c. */
import { UsageError } from './command.ts';
import type { Flags } from './flags.ts';

export type Wanted = { readonly follow: boolean } & (
  | { readonly kind: 'all' }
  | { readonly kind: 'lines'; readonly lines: number }
  | { readonly kind: 'bytes'; readonly bytes: number }
);

const DEFAULT_LINES = 10;

/** Whoever gives -n or -c wants the end, whether -tail stands there or not. */
export function wantedPart(flags: Flags): Wanted {
  const follow = flags.is('f');
  const lines = wholeNumber(flags, 'n');
  const bytes = wholeNumber(flags, 'c');
  if (lines !== undefined && bytes !== undefined) throw new UsageError('Give -n or -c, not both.');
  if (bytes !== undefined) return { follow, kind: 'bytes', bytes };
  if (lines !== undefined) return { follow, kind: 'lines', lines };
  return flags.is('tail') ? { follow, kind: 'lines', lines: DEFAULT_LINES } : { follow, kind: 'all' };
}

function wholeNumber(flags: Flags, name: string): number | undefined {
  const text = flags.text(name);
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`-${name} must be a whole number, not "${text}"`);
}
