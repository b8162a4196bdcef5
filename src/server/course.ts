/**
 * The whole course of a planned update in sentences. The wire's counts speak of the first batch only; people who
 * approve a plan want to know how long it takes and what their traffic will see.
 */
import { formatDuration } from '../lib/duration.ts';
import type { Allocation } from '../model/allocation.ts';
import type { Job, TaskGroup } from '../model/job.ts';
import type { UpdateStrategy } from '../model/policies.ts';
import { surgeOf } from '../model/surge.ts';
import type { Plan } from '../scheduler/types.ts';
import { trafficSentence } from './course-traffic.ts';
import { type GroupCourse, groupCourse } from './group-course.ts';

export function courseOf(job: Job, plan: Plan, allocs: readonly Allocation[]): string[] {
  return job.TaskGroups.map((group) => groupCourse(group, job, plan, allocs)).flatMap((course) => [
    ...updateSentence(course, job),
    ...trafficSentence(course),
  ]);
}

function updateSentence(course: GroupCourse, job: Job): string[] {
  const update = course.group.Update;
  if (!update) return [];
  if (course.isBlueGreen) return [blueGreenSentence(course, update)];
  if (course.canaries > 0) return [canarySentence(course, update)];
  if (course.replaced === 0) return [];
  if (update.MaxParallel === 0) return [allAtOnceSentence(course.replaced)];
  const rolling = rollingSentence(course.replaced, course.group, update);
  return [job.RevertOf === undefined ? rolling : `Revert to version ${job.RevertOf}, without canaries. ${rolling}`];
}

/** "Rolling update: 6 instances in 3 batches of 2, at least 90s; next evaluation in 30s." */
function rollingSentence(total: number, group: TaskGroup, update: UpdateStrategy): string {
  const { batches, gap } = batchesOf(total, update);
  const next = batches > 1 ? `; next evaluation in ${formatDuration(gap)}` : '';
  return `Rolling update: ${batchWords(total, group, update)}${next}.`;
}

/** "Canary update: 1 canary of 5 first; after promotion 4 instances in 4 batches of 1, at least 40s." */
function canarySentence({ group, canaries, running }: GroupCourse, update: UpdateStrategy): string {
  const rest = Math.max(0, Math.min(running, group.Count) - canaries);
  const first = `Canary update: ${counted(canaries, 'canary')} of ${group.Count} first`;
  const promotion = update.AutoPromote ? 'after their automatic promotion' : 'after promotion';
  return rest === 0
    ? `${first}; ${promotion} the old ones stop.`
    : `${first}; ${promotion} ${batchWords(rest, group, update)}.`;
}

/** "Blue/green: 5 new instances beside 5; promotion moves all traffic in one step, the old set drains and stops." */
function blueGreenSentence({ canaries, running }: GroupCourse, { AutoPromote, KeepWarm }: UpdateStrategy): string {
  const promotion = AutoPromote ? 'once all are healthy all traffic moves' : 'promotion moves all traffic';
  const warm = KeepWarm ? ` after ${formatDuration(KeepWarm)} kept warm` : '';
  return `Blue/green: ${counted(canaries, 'new instance')} beside ${running}; ${promotion} in one step, the old set drains and stops${warm}.`;
}

const allAtOnceSentence = (total: number): string =>
  total === 1
    ? 'Update: 1 instance at once, without a deployment.'
    : `Update: all ${total} instances at once, without a deployment.`;

/** "6 instances in 3 batches of 2, up to 2 above count, at least 30s" */
function batchWords(total: number, group: TaskGroup, update: UpdateStrategy): string {
  const { batches, size, gap } = batchesOf(total, update);
  const surge = surgeOf(update, group.Count);
  const above = surge > 0 ? `, up to ${surge} above count` : '';
  const least = (batches - 1) * gap + update.MinHealthyTime;
  return `${counted(total, 'instance')} in ${counted(batches, 'batch')} of ${size}${above}, at least ${inSeconds(least)}`;
}

function batchesOf(total: number, update: UpdateStrategy) {
  const size = Math.min(update.MaxParallel, total);
  const gap = Math.max(update.MinHealthyTime, update.BatchInterval ?? 0);
  return { size, batches: Math.ceil(total / size), gap };
}

const inSeconds = (nanos: number): string => `${Math.round(nanos / 1e8) / 10}s`;

const PLURALS = {
  canary: 'canaries',
  instance: 'instances',
  'new instance': 'new instances',
  batch: 'batches',
} as const;

const counted = (count: number, word: keyof typeof PLURALS): string => `${count} ${count === 1 ? word : PLURALS[word]}`;
