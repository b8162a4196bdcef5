import { expect, it } from 'vitest';
import type { AllocStub, EvalView } from '../../api/views.ts';
import type { Job } from '../../model/job.ts';
import { formatJobStatus } from './job.ts';
import { plainStyle } from './style.ts';

const NOW = Date.parse('2026-11-20T19:45:00Z');
const JOB = { ID: 'web', Name: 'web', Type: 'service', Datacenters: ['dc1'], SubmitTime: NOW * 1e6 } as unknown as Job;
const RETRY = { ID: 'd73db315-0000', Status: 'pending', WaitUntil: '2026-11-20T19:46:51Z' } as unknown as EvalView;

function statusWith(alloc: Partial<AllocStub>): string {
  const row = { ID: 'a-1', NodeID: 'n-1', TaskGroup: 'app', JobVersion: 1, FollowupEvalID: RETRY.ID, ...alloc };
  const allocation = { ...row, CreateTime: NOW * 1e6, ModifyTime: NOW * 1e6 } as unknown as AllocStub;
  const status = { job: JOB, summary: null, evaluations: [RETRY], deployment: null, allocations: [allocation] };
  return formatJobStatus(status as never, { nowMs: NOW, verbose: false }, plainStyle, { withEvaluations: false });
}

it('a failed instance that is tried again says when', () => {
  expect(statusWith({ DesiredStatus: 'run', ClientStatus: 'failed' })).toContain(
    'Future Rescheduling Attempts\nTask Group  Eval ID   Eval Time\napp         d73db315  1m51s from now',
  );
});

it('one that a newer version replaced meanwhile is tried no more, though its evaluation is still to come', () => {
  expect(statusWith({ DesiredStatus: 'stop', ClientStatus: 'failed' })).not.toContain('Future Rescheduling');
});

it('one whose node is lost and that is waited for says so', () => {
  const Disconnected = { SinceMs: NOW - 60_000, ReplaceAtMs: NOW + 240_000, LostAtMs: NOW + 540_000 };
  const away = {
    DesiredStatus: 'run',
    ClientStatus: 'running',
    Name: 'web.app[0]',
    NodeName: 'n1',
    Disconnected,
  } as const;
  expect(statusWith(away)).toContain(
    'Lost Nodes\na-1: its node n1 is lost since 1m0s; another takes its place in 4m0s, and it is forgotten in 9m0s',
  );
});
