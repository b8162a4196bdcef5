import { expect, it } from 'vitest';
import type { AllocView } from '../../api/views.ts';
import type { ReschedulePolicy } from '../../model/policies.ts';
import { newGroup, newJob } from '../../scheduler/fixtures.ts';
import { reschedulePairs } from './reschedule.ts';

const NOW_MS = 1_800_000_000_000;
const view = { nowMs: NOW_MS, verbose: false };
const HOUR = 3_600e9;
const event = (agoMs: number) => ({
  RescheduleTime: (NOW_MS - agoMs) * 1e6,
  PrevAllocID: '',
  PrevNodeID: '',
  Delay: 0,
});
const twice = { Unlimited: false, Attempts: 2, Interval: HOUR };
const failed = { ClientStatus: 'failed', DesiredStatus: 'run' } as const;

function pairs(policy: Partial<ReschedulePolicy>, alloc: Partial<AllocView>, retryInMs?: number) {
  const group = newGroup({ Name: 'app' });
  const job = newJob({ TaskGroups: [{ ...group, ReschedulePolicy: { ...group.ReschedulePolicy, ...policy } }] });
  const row = { TaskGroup: 'app', Job: job, ClientStatus: 'running', DesiredStatus: 'run', ...alloc } as AllocView;
  return reschedulePairs(row, retryInMs === undefined ? undefined : NOW_MS + retryInMs, view).map((pair) =>
    pair.join(': '),
  );
}

const tracked = (...agoMs: number[]) => ({ RescheduleTracker: { Events: agoMs.map(event) } });

it.each<[string, string[], string[]]>([
  ['runs and never failed', pairs({}, {}), []],
  ['runs after others failed', pairs({}, tracked(9_000_000, 1_000)), ['Reschedule Attempts: 2 (unlimited)']],
  [
    'failed and is tried again',
    pairs({}, failed, 25_000),
    ['Reschedule Attempts: 0 (unlimited)', 'Reschedule Eligibility: 25s from now'],
  ],
  [
    'failed, with attempts of which some lie before the interval',
    pairs(twice, { ...failed, ...tracked(9_000_000, 1_000) }, 5_000),
    ['Reschedule Attempts: 1/2 in 1h0m0s', 'Reschedule Eligibility: 5s from now'],
  ],
  [
    'failed for the last time',
    pairs(twice, { ...failed, ...tracked(2_000, 1_000) }),
    ['Reschedule Attempts: 2/2 in 1h0m0s', 'Reschedule Eligibility: none: its attempts are used up'],
  ],
  [
    'failed where nobody tries again',
    pairs({ ...twice, Attempts: 0 }, failed),
    ['Reschedule Attempts: 0/0 in 1h0m0s', 'Reschedule Eligibility: none: its policy has no attempts'],
  ],
  [
    'was replaced',
    pairs({}, { ...failed, NextAllocation: 'x', ...tracked(1) }),
    ['Reschedule Attempts: 1 (unlimited)'],
  ],
])('of an allocation that %s', (_name, found, expected) => {
  expect(found).toEqual(expected);
});
