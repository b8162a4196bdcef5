import { describe, expect, it } from 'vitest';
import { isUuid, newUuid } from './ids.ts';

describe('an id', () => {
  it('is a random UUID, and never the same twice', () => {
    const ids = Array.from({ length: 5000 }, newUuid);
    expect(ids.every((id) => isUuid(id) && /^.{14}4.{4}[89ab]/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('uses every digit at every place that is free', () => {
    const ids = Array.from({ length: 2000 }, newUuid);
    const digitsAt = (place: number) => new Set(ids.map((id) => id[place])).size;
    const free = [...Array(36).keys()].filter((place) => ![8, 13, 14, 18, 19, 23].includes(place));
    expect(free.map(digitsAt)).toEqual(free.map(() => 16));
  });
});
