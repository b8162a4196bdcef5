import { describe, expect, it } from 'vitest';
import { canonicalizeJob } from './canonicalize.ts';
import { findGroup, type Job } from './job.ts';
import type { DesiredUpdates } from './plan.ts';
import { type PlanAnswer, readPlanGoldens, readRunningJob } from './plan-goldens.ts';
import { specChanged, type UpdateKind, updateKind } from './update-kind.ts';

/** In these the specification allows an update in place, but the node does not meet a new demand: the scheduler's part. */
const MISFITS: Readonly<Record<number, readonly string[]>> = {
  15: ['web', 'cache'],
  57: ['web'],
  89: ['web'],
  143: ['web'],
};
/** Held back entirely by the new instances that come first. */
const HELD_BACK = 185;

function kindOf(desired: DesiredUpdates, n: number): UpdateKind {
  if (desired.DestructiveUpdate > 0 || desired.Canary > 0 || n === HELD_BACK) return 'destructive';
  return desired.InPlaceUpdate > 0 ? 'in-place' : 'none';
}

describe('as a peer planned it', () => {
  const running = readRunningJob();
  const plans = readPlanGoldens().filter(({ n, status }) => status === 200 && n !== 1);

  for (const { n, name, request, response } of plans) {
    const job = canonicalizeJob(request.Job).job;
    for (const [group, desired] of Object.entries((response as PlanAnswer).Annotations.DesiredTGUpdates)) {
      if (job.Stop || !findGroup(running, group) || !findGroup(job, group) || job.TaskGroups[0]?.Count === 0) continue;
      const isMisfit = MISFITS[n]?.includes(group);
      const expected = isMisfit ? 'in-place' : kindOf(desired, group === 'web' ? n : 0);
      it(`${n}: ${name}: ${group} ${expected}`, () => {
        expect(updateKind(running, job, group)).toBe(expected);
      });
    }
  }
});

describe('a change of the specification', () => {
  const job = readRunningJob();

  it('is not what the server writes', () => {
    const written: Job = { ...job, Version: 9, Status: 'dead', Stable: false, ModifyIndex: 99, SubmitTime: 1 };
    expect(specChanged(job, written)).toBe(false);
    expect(updateKind(job, written, 'web')).toBe('none');
  });

  it('is a start after a stop', () => {
    expect(specChanged({ ...job, Stop: true }, job)).toBe(true);
  });

  it('does not look at the order of keys', () => {
    const reversed = Object.fromEntries(Object.entries(job).reverse()) as unknown as Job;
    expect(specChanged(job, reversed)).toBe(false);
  });

  it('an ingress is a matter of its service: in place', () => {
    const ingress = canonicalizeJob({
      ...job,
      TaskGroups: job.TaskGroups.map((group) => ({
        ...group,
        Services: group.Services?.map((service) => ({ ...service, Ingress: [{ Listen: 8080 }] })),
      })),
    }).job;
    expect(updateKind(job, ingress, 'web')).toBe('in-place');
  });

  it('Meta replaces instances, since tasks see it, but not what it says of updates', () => {
    const withMeta = (key: string): [Job, Job] => [
      { ...job, Meta: { ...job.Meta, [key]: '1' } },
      { ...job, TaskGroups: job.TaskGroups.map((group) => ({ ...group, Meta: { ...group.Meta, [key]: '1' } })) },
    ];
    for (const next of withMeta('owner')) expect(updateKind(job, next, 'web')).toBe('destructive');
    for (const next of withMeta('serin.update.max_surge')) expect(updateKind(job, next, 'web')).toBe('in-place');
  });

  it('a tag of a version is none', () => {
    const VersionTag = { Name: 'golden', Description: '', TaggedTime: 1 };
    expect(specChanged(job, { ...job, VersionTag })).toBe(false);
  });

  it('a group that is new or gone is no update', () => {
    expect(updateKind(job, { ...job, TaskGroups: [] }, 'web')).toBe('destructive');
  });
});
