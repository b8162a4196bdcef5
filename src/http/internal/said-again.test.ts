/** When the counts of the traffic are said. */
import { expect, it } from 'vitest';
import { NOTHING_SAID, saidAfter } from './said-again.ts';

it('says counts at each change, and twice more once they stand still', () => {
  const texts = ['a', 'b', 'b', 'b', 'b', 'b', 'b', 'b', 'c'];
  const saidAt: number[] = [];
  let said = NOTHING_SAID;
  for (const [at, text] of texts.entries()) {
    const next = saidAfter(said, text, 10_000 + at * 2_000);
    if (next !== said) saidAt.push(at * 2_000);
    said = next;
  }
  expect(saidAt).toEqual([0, 2_000, 6_000, 10_000, 16_000]);
});
