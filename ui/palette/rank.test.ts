/** What the palette finds for what is typed. */
import { describe, expect, it } from 'vitest';
import { ranked } from './rank.ts';

const jobs = (...names: string[]) => names.map((name) => ({ name, kind: 'job' }));
const found = (entries: readonly { name: string; kind: string }[], typed: string) =>
  ranked(entries, typed, 10).map(({ name }) => name);

describe('the palette', () => {
  it('puts the whole name first, then beginnings, beginnings of words, insides, and scattered letters', () => {
    const entries = jobs('w-e-b', 'cobwebs', 'shop-web', 'website', 'web');
    expect(found(entries, 'web')).toEqual(['web', 'website', 'shop-web', 'cobwebs', 'w-e-b']);
  });

  it('finds letters in their order, the closer the better', () => {
    expect(found(jobs('w-----b-----p', 'web-prod', 'prod-web'), 'wbp')).toEqual(['web-prod', 'w-----b-----p']);
  });

  it('wants every word, in any order, and knows kinds', () => {
    const entries = [...jobs('shop', 'shop-web'), { name: 'shop', kind: 'deployment' }];
    expect(found(entries, 'web shop')).toEqual(['shop-web']);
    expect(ranked(entries, 'deploy shop', 10)).toEqual([{ name: 'shop', kind: 'deployment' }]);
    expect(ranked(entries, 'job shop', 1)).toEqual([{ name: 'shop', kind: 'job' }]);
  });

  it('takes no notice of case, and leaves equals as they stood', () => {
    expect(found(jobs('Web-a', 'web-b'), 'WEB')).toEqual(['Web-a', 'web-b']);
  });

  it('shows what there is while nothing is typed, and nothing for what is nowhere', () => {
    expect([found(jobs('a', 'b'), ' '), found(jobs('a', 'b'), 'z')]).toEqual([['a', 'b'], []]);
  });

  it('finds one among thousands, and shows a few', () => {
    const many = jobs(...Array.from({ length: 5_000 }, (_, at) => `service-${at}`));
    expect(found(many, '4321')).toEqual(['service-4321']);
    expect(found(many, 'service')).toHaveLength(10);
  });
});
