import { describe, expect, it } from 'vitest';
import type { Pool } from '../../model/ingress.ts';
import { proxyName, slotOf } from './names.ts';
import { poolChoice } from './pool-choice.ts';
import { exampleBackend, exampleServer, exampleTable, NOTHING } from './render-examples.ts';
import { assignSlots, type SlotContent } from './slots.ts';
import { wantedOf } from './wanted.ts';

describe('a name', () => {
  it.each([
    ['default/web/web', 'default:web:web'],
    ['default/my app/web', 'default:my_20app:web'],
    ['default/my_app/web', 'default:my_app:web'],
    ['default/my_face/web', 'default:my_5fface:web'],
    ['default/a:b/web', 'default:a_3ab:web'],
    ['default/käse/web', 'default:k_c3_a4se:web'],
    ['a//b', 'a_2f:b'],
  ])('%s is %s', (id, name) => expect(proxyName(id)).toBe(name));

  it('of a slot tells its service', () => {
    expect(slotOf('default:web:web::tcp::12')).toEqual({ service: 'default:web:web::tcp', slot: 12 });
    expect(slotOf('default:web:web::hold')).toBeUndefined();
  });
});

describe('a choice of pools', () => {
  it.each([
    [[100], 'a'],
    [[95, 5], '950000/a/b'],
    [[100, 0], 'a'],
    [[0, 100], 'b'],
    [[92.5, 2.5, 5], '925000/a/950000/b/c'],
    [[100, 0.00001], '999999/a/b'],
    [[0, 0], 'wait'],
  ])('of weights %j is %s', (weights, value) => {
    const shares = weights.map((weight, at) => ({ slot: 'abc'[at]!, weight }));
    expect(poolChoice(shares, 'wait')).toBe(value);
  });
});

describe('slots', () => {
  const pool = (Name: Pool['Name'], ids: string, Group?: string): Pool => ({
    Name,
    ...(Group !== undefined && { Group }),
    Weight: 50,
    Servers: [...ids].map((id) => exampleServer(id, 1)),
  });
  const holding = (ids: string): SlotContent => new Map([...ids].map((id) => [`${id}:1`, true]));
  const assigned = (pools: readonly Pool[], contents: readonly string[], before?: ReadonlyMap<string, number>) => {
    const slots = new Map(contents.map((ids, at) => [at + 1, holding(ids)]));
    return Object.fromEntries(assignSlots(pools, slots, before));
  };

  it.each([
    [
      'a canary takes the free one',
      [pool('stable', 'ab'), pool('canary', 'c', 'web')],
      ['ab', ''],
      { 'stable ': 1, 'canary web': 2 },
    ],
    ['a promoted set stays where it is', [pool('stable', 'cd')], ['ab', 'cd'], { 'stable ': 2 }],
    [
      'the next canary takes the one that is free now',
      [pool('stable', 'cd'), pool('canary', 'e', 'web')],
      ['', 'cd'],
      { 'stable ': 2, 'canary web': 1 },
    ],
    ['a single canary joins the others', [pool('stable', 'abcd')], ['abc', 'd'], { 'stable ': 1 }],
    [
      'a third pool gets a third slot',
      [pool('stable', 'a'), pool('canary', 'b', 'x'), pool('canary', 'c', 'y')],
      ['a', ''],
      { 'stable ': 1, 'canary x': 2, 'canary y': 3 },
    ],
  ] as const)('%s', (_, pools, contents, expected) => expect(assigned(pools, contents)).toEqual(expected));

  it('empty, are as they were before', () => {
    expect(assigned([pool('stable', '')], ['', ''], new Map([['stable ', 2]]))).toEqual({ 'stable ': 2 });
  });
});

describe('the balance of a service with weights by hand', () => {
  const balanceOf = (...servers: Parameters<typeof exampleServer>[]) => {
    const Pools = [{ Name: 'stable' as const, Weight: 100, Servers: servers.map((each) => exampleServer(...each)) }];
    const Routes = [{ Host: '', Path: '/', Backend: exampleBackend('default/web/web', { Pools }) }];
    const table = exampleTable({ frontends: [{ Listen: 80, Mode: 'http', Routes }] });
    return wantedOf(table, NOTHING, new Set()).layout.services[0]!.balance;
  };

  it.each([
    [
      'goes by what is in flight where all weigh the same',
      [
        ['a', 1],
        ['b', 2],
      ],
      'leastconn',
    ],
    [
      'goes by turns where they do not',
      [
        ['a', 1, { Weight: 10 }],
        ['b', 2],
      ],
      'roundrobin',
    ],
    [
      'stays as it is while one of them drains, for another balance is a reload',
      [
        ['a', 1, { Weight: 10 }],
        ['b', 2, { State: 'draining' }],
      ],
      'roundrobin',
    ],
  ] as [string, Parameters<typeof exampleServer>[], string][])('%s', (_, servers, balance) => {
    expect(balanceOf(...servers)).toBe(balance);
  });
});
