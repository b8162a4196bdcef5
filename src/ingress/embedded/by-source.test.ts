import { describe, expect, it } from 'vitest';
import { pickBySource } from './by-source.ts';

const serversOf = (names: string, weight = 100) => names.split(' ').map((key) => ({ key, weight }));
const CLIENTS = Array.from({ length: 3000 }, (_, at) => `10.0.${at >> 8}.${at & 255}`);

function countsOf(servers: readonly { key: string; weight: number }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const client of CLIENTS) {
    const { key } = pickBySource(servers, client)!;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

describe('the server of an address', () => {
  it('is nobody where there is none', () => {
    expect(pickBySource([], '10.0.0.1')).toBeUndefined();
  });

  it('is as often one as another, and twice as often one of twice the weight', () => {
    for (const count of Object.values(countsOf(serversOf('a:1 b:1 c:1')))) {
      expect(count).toBeGreaterThan(850);
      expect(count).toBeLessThan(1150);
    }
    const { 'b:1': twice } = countsOf([...serversOf('a:1'), ...serversOf('b:1', 200)]);
    expect(twice).toBeGreaterThan(1850);
    expect(twice).toBeLessThan(2150);
  });

  it('stays when another one leaves, in whatever order they stand', () => {
    const rest = serversOf('c:1 a:1');
    for (const client of CLIENTS) {
      const before = pickBySource(serversOf('a:1 b:1 c:1'), client)!.key;
      if (before !== 'b:1') expect(pickBySource(rest, client)!.key).toBe(before);
    }
  });
});
