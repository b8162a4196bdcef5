import { describe, expect, it } from 'vitest';
import type { AllocRow } from '../live/alloc-row.ts';
import { gridOf, heightOf, tileAt } from './draw-tiles.ts';
import { countWords, jobColour, tileLook, tileState } from './tile-look.ts';
import { byDatacenter, tilesByNode } from './topology.ts';

const alloc = (ID: string, NodeID: string, fields: Partial<AllocRow> = {}): AllocRow =>
  ({
    ID,
    NodeID,
    Name: `web.app[${ID}]`,
    JobID: 'web',
    DesiredStatus: 'run',
    ClientStatus: 'running',
    ...fields,
  }) as AllocRow;

describe('a tile', () => {
  it.each([
    ['run', 'running', 'running'],
    ['run', 'pending', 'starting'],
    ['stop', 'running', 'stopping'],
    ['run', 'failed', 'failed'],
    ['run', 'lost', 'failed'],
    ['stop', 'failed', undefined],
    ['run', 'complete', undefined],
  ] as const)('wanted "%s" and %s is %s', (DesiredStatus, ClientStatus, state) => {
    expect(tileState(alloc('1', 'a', { DesiredStatus, ClientStatus }))).toBe(state);
  });

  it('has its colour of its state or of its job, which is the same at every visit', () => {
    expect(tileLook(alloc('1', 'a'), 'state').colour).toBe('--good');
    expect(tileLook(alloc('1', 'a'), 'job').colour).toBe(jobColour('web'));
    expect(jobColour('web')).toMatch(/^--job-[1-8]$/);
  });

  it('is found under the pointer, and nothing is beside the last column', () => {
    const grid = gridOf(100, 20);
    expect([grid.columns, heightOf(grid, 20)]).toEqual([7, 42]);
    expect(tileAt(grid, 15, 15)).toBe(8);
    expect(tileAt(grid, 99, 0)).toBeUndefined();
  });
});

describe('the tiles of nodes', () => {
  const rows = [
    alloc('10', 'a'),
    alloc('2', 'a'),
    alloc('3', 'b'),
    alloc('4', 'b', { JobID: 'db', Name: 'db.app[0]' }),
  ];

  it('stand by job and number, one job alone where that is asked for', () => {
    expect(
      tilesByNode(rows, undefined, new Map())
        .get('a')
        ?.tiles.map(({ ID }) => ID),
    ).toEqual(['2', '10']);
    const ofDb = tilesByNode(rows, 'db', new Map());
    expect([...ofDb].map(([node, { tiles }]) => [node, tiles.length])).toEqual([['b', 1]]);
  });

  it('are the very same list on a node where nothing has changed', () => {
    const before = tilesByNode(rows, undefined, new Map());
    const next = tilesByNode([...rows.slice(0, 3), alloc('4', 'b')], undefined, before);
    expect(next.get('a')).toBe(before.get('a'));
    expect(next.get('b')).not.toBe(before.get('b'));
  });

  it('are counted in words', () => {
    expect(countWords(rows)).toBe('4 running');
    expect(countWords([])).toBe('nothing');
  });
});

it('nodes stand by datacenter, in the order in which one counts', () => {
  const node = (Datacenter: string, Name: string) => ({ Datacenter, Name });
  const groups = byDatacenter([node('dc2', 'x'), node('dc1', 'node-10'), node('dc1', 'node-9')]);
  expect(groups.map(([name, nodes]) => [name, nodes.map(({ Name }) => Name)])).toEqual([
    ['dc1', ['node-9', 'node-10']],
    ['dc2', ['x']],
  ]);
});
