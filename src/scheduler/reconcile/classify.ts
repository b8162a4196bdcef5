/** What an allocation is to its job right now: an ordered table of rules, the first that holds decides. */

import { invariant } from '../../lib/assert.ts';
import { type Allocation, isClientTerminal, isDesiredTerminal } from '../../model/allocation.ts';
import type { Retry } from './reschedule.ts';
import type { Wait } from './wait.ts';

/**
 * ended: neither there nor wanted, or its place is free · leaving: told to stop · gone-leaving: told to stop on a node
 * that cannot answer · complete: a batch instance that did its work · retry: replace it now · delayed: replace it later ·
 * failed: not replaced · unknown: its node is gone and it is waited for · inactive: the same, and another may take its
 * place meanwhile · lost: its node is gone · migrating: it was told to leave its node · live: wanted and there.
 */
export type AllocClass =
  | 'ended'
  | 'leaving'
  | 'gone-leaving'
  | 'complete'
  | 'retry'
  | 'delayed'
  | 'failed'
  | 'unknown'
  | 'inactive'
  | 'lost'
  | 'migrating'
  | 'live';

export interface AllocFacts {
  readonly alloc: Allocation;
  /** The node is down, or the state does not know it any more. */
  readonly nodeLost: boolean;
  readonly isBatch: boolean;
  /** What its group does about a lost node; asked only where the node is. */
  readonly wait: () => Wait;
  /** Whether a failed one is tried again; asked only where it ended. */
  readonly retry: () => Retry;
}

export interface ClassRule {
  readonly class: AllocClass;
  readonly reason: string;
  readonly when: (facts: AllocFacts) => boolean;
}

const isOver = ({ alloc }: AllocFacts): boolean => isClientTerminal(alloc);
const isUnwanted = ({ alloc }: AllocFacts): boolean => isDesiredTerminal(alloc);

export const CLASS_RULES: readonly ClassRule[] = [
  { class: 'ended', reason: 'not wanted and not there', when: (f) => isUnwanted(f) && isOver(f) },
  {
    class: 'gone-leaving',
    reason: 'its node cannot say any more that it stopped',
    when: (f) => isUnwanted(f) && f.nodeLost,
  },
  { class: 'leaving', reason: 'told to stop, not yet stopped', when: isUnwanted },
  {
    class: 'complete',
    reason: 'a batch instance that did its work is not run again',
    when: (f) => f.isBatch && f.alloc.ClientStatus === 'complete',
  },
  { class: 'retry', reason: 'it was lost and nothing took its place', when: (f) => f.alloc.ClientStatus === 'lost' },
  {
    class: 'retry',
    reason: 'it ended and its policy lets it try again',
    when: (f) => isOver(f) && f.retry().kind === 'now',
  },
  {
    class: 'delayed',
    reason: 'it ended and its policy makes it wait',
    when: (f) => isOver(f) && f.retry().kind === 'later',
  },
  { class: 'failed', reason: 'it ended and is not tried again', when: isOver },
  {
    class: 'unknown',
    reason: 'its node is down and its group waits for it',
    when: (f) => f.nodeLost && f.wait() === 'waits',
  },
  {
    class: 'inactive',
    reason: 'its node is down and another may take its place until it is back',
    when: (f) => f.nodeLost && f.wait() === 'replaceable',
  },
  { class: 'lost', reason: 'its node is down or gone', when: (f) => f.nodeLost },
  {
    class: 'migrating',
    reason: 'it was told to leave its node',
    when: (f) => f.alloc.DesiredTransition?.Migrate === true,
  },
  { class: 'live', reason: 'wanted and there', when: () => true },
];

export function classify(facts: AllocFacts): AllocClass {
  const rule = CLASS_RULES.find((candidate) => candidate.when(facts));
  invariant(rule, 'the last rule holds for every allocation');
  return rule.class;
}
