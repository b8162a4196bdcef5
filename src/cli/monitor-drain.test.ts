/** The lines of a drain's course, and when it says what it waits for. */
import { describe, expect, it } from 'vitest';
import type { AllocView, NodeView } from '../api/views.ts';
import type { CommandContext } from './command.ts';
import { monitorDrain } from './monitor-drain.ts';

const START_MS = Date.parse('2026-11-20T16:15:00Z');
const NODE = '54fc21e4-0000-0000-0000-000000000000';
const MARK = { Migrate: true, Reschedule: null, ForceReschedule: null };

type Alloc = Partial<AllocView>;
interface Look {
  readonly node?: Partial<NodeView>;
  readonly allocs: readonly Alloc[];
}

const DRAINS = { DrainStrategy: { Deadline: 1, IgnoreSystemJobs: false, ForceDeadline: '', StartedAt: '' } };
const ended = (Status: 'complete' | 'canceled') => ({
  DrainStrategy: null,
  LastDrain: { Status, StartedAt: '', UpdatedAt: '', AccessorID: '', Meta: null },
});
const alloc = (ID: string, ClientStatus: AllocView['ClientStatus'], fields: Alloc = {}): Alloc => ({
  ID,
  ClientStatus,
  DesiredStatus: 'run',
  ...fields,
});

/** What it prints when the looks follow each other a second apart; the times are seconds since the start. */
async function watched(looks: readonly Look[]): Promise<{ status: number; lines: string[] }> {
  const lines: string[] = [];
  let at = -1;
  const look = () => looks[Math.min(Math.max(0, at), looks.length - 1)]!;
  const context = {
    clock: { nowMs: () => START_MS + Math.max(0, at) * 1000, after: () => ({ cancel: () => {} }) },
    terminal: { print: (line: string) => void lines.push(line.replace(/^2026-11-20T16:15:0?(\d+)Z: /, '$1 ')) },
    client: {
      nodes: {
        allocations: async () => {
          at += 1;
          return { data: look().allocs, index: at + 1, text: '' };
        },
        read: async () => ({ data: { ID: NODE, ...DRAINS, ...look().node }, index: at + 1, text: '' }),
      },
    },
    signal: new AbortController().signal,
  } as unknown as CommandContext;
  return { status: await monitorDrain(context, NODE), lines };
}

describe('the monitor of a drain', () => {
  it('tells of each instance how it is marked, drains and ends, once', async () => {
    const { status, lines } = await watched([
      { allocs: [alloc('old', 'complete', { DesiredStatus: 'stop' }), alloc('a', 'running'), alloc('b', 'running')] },
      { allocs: [alloc('a', 'running', { DesiredTransition: MARK }), alloc('b', 'running')] },
      { allocs: [alloc('a', 'running', { DesiredTransition: MARK, DesiredStatus: 'stop' }), alloc('b', 'running')] },
      {
        allocs: [
          alloc('a', 'complete', { DesiredTransition: MARK, DesiredStatus: 'stop' }),
          alloc('b', 'complete', { DesiredTransition: MARK, DesiredStatus: 'stop' }),
        ],
        node: ended('complete'),
      },
    ]);
    expect(status).toBe(0);
    expect(lines).toEqual([
      '1 Alloc "a" marked for migration',
      '2 Alloc "a" draining',
      '3 Alloc "a" status running -> complete',
      '3 Alloc "b" marked for migration',
      '3 Alloc "b" draining',
      '3 Alloc "b" status running -> complete',
      `4 Drain complete for node ${NODE}`,
      `4 All allocations on node "${NODE}" have stopped`,
    ]);
  });

  it('says what it waits for once nothing has happened for a while, and again only when that changes', async () => {
    const waits = (Message: string) => ({
      allocs: [alloc('a', 'running')],
      node: {
        DrainWaits: [
          {
            Namespace: 'default',
            JobID: 'web',
            TaskGroup: 'app',
            Instances: 1,
            Reason: 'health' as const,
            Message,
            UntilMs: START_MS + 60_000,
          },
        ],
      },
    });
    const { lines } = await watched([
      ...Array(6).fill(waits('4 of 6 serve')),
      waits('5 of 6 serve'),
      ...Array(2).fill(waits('a check fails')),
      { allocs: [alloc('a', 'complete')], node: ended('complete') },
    ]);
    expect(lines.slice(0, 2)).toEqual([
      '4 Waiting: 4 of 6 serve (everything goes at 2026-11-20T16:16:00Z)',
      '7 Waiting: a check fails (everything goes at 2026-11-20T16:16:00Z)',
    ]);
    expect(lines[2]).toBe('9 Alloc "a" status running -> complete');
  });

  it('reads the instances again once the node is empty, which it may have become since they were read', async () => {
    const stopped = { DesiredTransition: MARK, DesiredStatus: 'stop' as const };
    const { lines } = await watched([
      { allocs: [alloc('a', 'running', stopped)], node: ended('complete') },
      { allocs: [alloc('a', 'complete', stopped)], node: ended('complete') },
    ]);
    expect(lines.slice(-3)).toEqual([
      '1 Alloc "a" status running -> complete',
      `1 Drain complete for node ${NODE}`,
      `1 All allocations on node "${NODE}" have stopped`,
    ]);
  });

  it('leaves with 1 when somebody ends the drain', async () => {
    const { status, lines } = await watched([
      { allocs: [alloc('a', 'running')] },
      { allocs: [alloc('a', 'running')], node: ended('canceled') },
    ]);
    expect([status, lines]).toEqual([1, [`2 The drain of node "${NODE}" was canceled`]]);
  });
});
