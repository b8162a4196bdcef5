import { describe, expect, it } from 'vitest';
import type { AllocRow } from '../live/alloc-row.ts';
import { drainBody, drainWords, movingOf, USUAL } from './drain-words.ts';

const alloc = (jobType: string, fields: Partial<AllocRow> = {}): AllocRow =>
  ({ ID: '', jobType, DesiredStatus: 'run', ClientStatus: 'running', ...fields }) as AllocRow;

describe('a drain, before it is begun', () => {
  it('counts what will move by kind, without what has ended or is on its way', () => {
    const here = [
      alloc('service'),
      alloc('service'),
      alloc('service', { DesiredStatus: 'stop' }),
      alloc('service', { ClientStatus: 'complete' }),
      alloc('batch'),
      alloc('system'),
    ];
    expect(movingOf(here)).toEqual({ services: 2, batch: 1, system: 1 });
  });

  it('says how many instances move, how, and until when', () => {
    const words = drainWords({ services: 6, batch: 1, system: 2 }, USUAL).join(' ');
    expect(words).toContain('6 instances of services move to other nodes, a few at a time');
    expect(words).toContain('1 instance of batch jobs may finish here within 60 minutes');
    expect(words).toContain('2 instances of system jobs are stopped when the rest has gone');
    expect(words).toContain('What is still here in 60 minutes is stopped then');
  });

  it('warns that force may fail requests', () => {
    const words = drainWords({ services: 1, batch: 0, system: 1 }, { ...USUAL, limit: 'force', ignoreSystem: true });
    expect(words.join(' ')).toContain('1 instance of services moves to other nodes at once');
    expect(words.join(' ')).toContain('requests may fail');
    expect(words.join(' ')).toContain('1 instance of system jobs stays');
  });

  it('says that an empty node is drained at once', () => {
    expect(drainWords({ services: 0, batch: 0, system: 0 }, USUAL)[0]).toContain('over at once');
  });

  it.each([
    ['deadline', 1.8e12],
    ['none', 0],
    ['force', -1],
  ] as const)('asks for limit "%s" as the wire has it', (limit, Deadline) => {
    expect(drainBody({ limit, minutes: 30, ignoreSystem: true })).toEqual({
      DrainSpec: { Deadline, IgnoreSystemJobs: true },
      MarkEligible: false,
      Meta: null,
    });
  });
});
