import { describe, expect, it } from 'vitest';
import { type GroupShare, weightsOf } from './pools.ts';

/** "stable, canaries, percent". */
function share(text: string): GroupShare {
  const [stable, canaries, percent] = text.split(',').map((word) => word.trim());
  return {
    stable: Number(stable),
    canaries: Number(canaries),
    percent: percent === undefined ? undefined : Number(percent),
  };
}

describe('weights', () => {
  it.each([
    ['by count', ['3, 1'], 75, [25]],
    ['of nobody else', ['0, 1'], 0, [100]],
    ['as written, however many canaries there are', ['3, 1, 5'], 95, [5]],
    ['as written, however many instances there are', ['2, 200, 5'], 95, [5]],
    ['of a blue/green, exactly', ['4, 4, 0'], 100, [0]],
    ['of all requests, exactly', ['3, 1, 100'], 0, [100]],
    ['of all requests, in every group', ['1, 1, 100', '1, 1, 100', '1, 1, 100'], 0, [100 / 3, 100 / 3, 100 / 3]],
    ['of a canary that is not ready', ['3, 0, 50'], 100, [0]],
    ["within their group's part of the backend", ['3, 1, 10', '1, 0'], 92.5, [7.5, 0]],
    ['of each group for itself', ['4, 4, 0', '4, 1, 10'], 95, [0, 5]],
    ['of a group without stable instances beside one that has some', ['0, 1, 50', '4, 0'], 100, [0, 0]],
    ['where nothing stable is ready: canaries take all', ['0, 1, 10'], 0, [100]],
    ['the same by their wish', ['0, 1, 10', '0, 1, 30'], 0, [25, 75]],
    ['but a blue/green waits for its first set', ['0, 4, 0'], 100, [0]],
    ['and others take all in its place', ['0, 4, 0', '0, 1, 10'], 0, [0, 100]],
    ['of nothing at all', ['0, 0'], 100, [0]],
  ])('%s', (_, groups, stable, canaries) => {
    const weights = weightsOf(new Map(groups.map((text, at) => [`g${at}`, share(text)])));
    expect(weights.stable).toBe(stable);
    expect([...weights.canaries.values()]).toEqual(canaries);
  });
});
