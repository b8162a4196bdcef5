/** What an evaluation says of who asked for it. */
import { expect, it } from 'vitest';
import { nanosOf } from '../model/nanos.ts';
import { NOW_MS, newJob } from '../scheduler/fixtures.ts';
import { jobKey, newEvaluation } from './evaluations.ts';

const job = newJob({ Priority: 70, JobModifyIndex: 12 });
const newId = () => 'an-id';

it('a new evaluation is pending and carries what its job says, and nothing that was not asked for', () => {
  expect(newEvaluation(job, { trigger: 'job-register', nowMs: NOW_MS, newId })).toEqual({
    ID: 'an-id',
    Namespace: 'default',
    Priority: 70,
    Type: 'service',
    TriggeredBy: 'job-register',
    JobID: 'web',
    JobModifyIndex: 12,
    Status: 'pending',
    CreateIndex: 0,
    ModifyIndex: 0,
    CreateTime: nanosOf(NOW_MS),
    ModifyTime: nanosOf(NOW_MS),
  });
});

it('a new evaluation names the deployment, the node, the evaluation before it and its time where there are any', () => {
  const asked = { deploymentId: 'd', nodeId: 'n', previousEval: 'e', waitUntilMs: NOW_MS + 5 };
  expect(newEvaluation(job, { trigger: 'node-update', nowMs: NOW_MS, newId, ...asked })).toMatchObject({
    TriggeredBy: 'node-update',
    DeploymentID: 'd',
    NodeID: 'n',
    PreviousEval: 'e',
    WaitUntilMs: NOW_MS + 5,
  });
});

it('evaluations of one job share a key', () => {
  expect(jobKey({ Namespace: 'staging', JobID: 'web' })).toBe('staging/web');
});
