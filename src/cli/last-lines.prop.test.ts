import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readLastLines } from './last-lines.ts';

/** As `tail -n` would. */
function tailOf(text: string, count: number): string {
  const lines = text.split(/(?<=\n)/);
  return count === 0 ? '' : lines.slice(-count).join('');
}

it('the last lines of a file are those that tail would show', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('a', 'bb', '\n', 'x'.repeat(700))), fc.nat(6), async (parts, count) => {
      const file = Buffer.from(parts.join(''));
      const readEnd = async (bytes: number) =>
        (async function* () {
          yield file.subarray(Math.max(0, file.length - bytes));
        })();
      const { text } = await readLastLines(readEnd, count);
      expect(text.toString()).toBe(tailOf(file.toString(), count));
    }),
    { numRuns: 200 },
  ));
