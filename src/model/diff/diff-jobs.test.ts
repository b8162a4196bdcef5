import { describe, expect, it } from 'vitest';
import { canonicalizeJob } from '../canonicalize.ts';
import type { Job } from '../job.ts';
import type { JobDiff, ObjectDiff, PlanAnnotations, TaskGroupDiff } from '../plan.ts';
import { type PlanAnswer, readPlanGoldens, readRunningJob } from '../plan-goldens.ts';
import { annotateDiff } from './annotate-diff.ts';
import { diffJobs } from './diff-jobs.ts';

/** The peer gives the ports of one network in a random order (two answers to one question differ): ours is the job's. */
function withSortedPorts(diff: JobDiff): JobDiff {
  return { ...diff, TaskGroups: diff.TaskGroups?.map(sortGroup) ?? null };
}

function sortGroup(group: TaskGroupDiff): TaskGroupDiff {
  return { ...group, Objects: group.Objects?.map(sortPorts) ?? null };
}

function sortPorts(object: ObjectDiff): ObjectDiff {
  if (object.Name !== 'Network') return object;
  const ports = (object.Objects ?? []).filter((each) => each.Name === 'Dynamic Port');
  ports.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const others = (object.Objects ?? []).filter((each) => each.Name !== 'Dynamic Port');
  return { ...object, Objects: [...others, ...ports] };
}

describe('as a peer shows it', () => {
  const running = readRunningJob();
  const plans = readPlanGoldens().filter(({ status }) => status === 200);

  it.each(plans)('$n: $name', ({ n, request, response }) => {
    const { Diff, Annotations } = response as PlanAnswer;
    const diff = diffJobs(n === 1 ? undefined : running, canonicalizeJob(request.Job).job);
    expect(withSortedPorts(annotateDiff(diff, Annotations))).toStrictEqual(withSortedPorts(Diff));
  });

  it('there are enough of them', () => {
    expect(plans.length).toBeGreaterThan(85);
  });
});

describe('what the goldens do not have', () => {
  const job = readRunningJob();
  const change = (edit: (copy: Job) => void): Job => {
    const copy = structuredClone(job);
    edit(copy);
    return copy;
  };

  it('a job that is gone is all deleted', () => {
    const diff = diffJobs(job, undefined);
    expect(diff).toMatchObject({ Type: 'Deleted', ID: 'rich' });
    expect(diff.TaskGroups?.map((group) => group.Type)).toEqual(['Deleted', 'Deleted']);
  });

  it('what the server writes is no change', () => {
    expect(diffJobs(job, { ...job, Version: 7, Status: 'dead', ModifyIndex: 99 }).Type).toBe('None');
  });

  it('without annotations it carries no counts, as in the history of versions', () => {
    expect(diffJobs(job, job).TaskGroups?.map((group) => group.Updates)).toEqual([null, null]);
    expect(annotateDiff(diffJobs(job, job), null).TaskGroups?.map((group) => group.Updates)).toEqual([null, null]);
  });

  it('a way in is shown below its service', () => {
    const ingress = { Listen: 80, Host: '', Path: '/', Mode: 'http', DrainDeadline: 1, DrainPolicy: 'wait', Hold: 1 };
    const after = change((copy) => {
      const service = copy.TaskGroups[0]?.Services?.[0];
      if (service) service.Ingress = [ingress];
    });
    const service = diffJobs(job, after).TaskGroups?.[1]?.Objects?.[0];
    expect(service?.Objects?.at(-1)).toMatchObject({ Type: 'Added', Name: 'Ingress' });
    expect(service?.Objects?.at(-1)?.Fields).toContainEqual({
      Type: 'Added',
      Name: 'Listen',
      Old: '',
      New: '80',
      Annotations: null,
    });
  });

  it('an interval between batches is shown in the update block', () => {
    const after = change((copy) => {
      const update = copy.TaskGroups[0]?.Update;
      if (update) update.BatchInterval = 5e9;
    });
    expect(diffJobs(job, after).TaskGroups?.[1]?.Objects?.[0]?.Fields).toContainEqual({
      Type: 'Added',
      Name: 'BatchInterval',
      Old: '',
      New: '5000000000',
      Annotations: null,
    });
  });

  it('without context only what changed is shown', () => {
    const after = change((copy) => {
      const service = copy.TaskGroups[0]?.Services?.[0];
      if (service) service.Tags = ['a', 'b', 'c'];
    });
    const group = diffJobs(job, after, { contextual: false }).TaskGroups?.[1];
    const tag = { Type: 'Added', Name: 'Tags', Old: '', New: 'c', Annotations: null };
    const tags = { Type: 'Added', Name: 'Tags', Fields: [tag], Objects: null };
    expect(group?.Objects).toEqual([{ Type: 'Edited', Name: 'Service', Fields: null, Objects: [tags] }]);
  });

  it('counts that are zero are not named', () => {
    const none = {
      Ignore: 0,
      Place: 0,
      Migrate: 0,
      Stop: 0,
      InPlaceUpdate: 0,
      DestructiveUpdate: 0,
      Canary: 0,
      Preemptions: 0,
    };
    const annotations: PlanAnnotations = {
      DesiredTGUpdates: { web: { ...none, Migrate: 1, Canary: 2 } },
      PreemptedAllocs: null,
    };
    expect(annotateDiff(diffJobs(job, job), annotations).TaskGroups?.[1]?.Updates).toEqual({ migrate: 1, canary: 2 });
  });
});
