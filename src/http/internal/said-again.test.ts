/** When the counts of the traffic are said. */
import { expect, it } from 'vitest';
import { NOTHING_SAID, saidAfter } from './said-again.ts';

it('says counts at each change, and twice more once they stand still', () => {
  const texts = ['a', 'b', 'b', 'b', 'b', 'b', 'b', 'b', 'c'];
  const saidAt: number[] = [];
  let said = NOTHING_SAID;
  for (const [at, text] of texts.entries()) {
    const next = saidAfter(said, text, 10_000 + at * 500);
    if (next !== said) saidAt.push(at * 500);
    said = next;
  }
  expect(saidAt).toEqual([0, 500, 1500, 2500, 4000]);
});
