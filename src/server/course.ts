/**
 * The whole course of a planned update in sentences. The wire's counts speak of the first batch only; people who
 * approve a plan want to know how long it takes and what their traffic will see.
 */
import { formatDuration } from '../lib/duration.ts';
import type { Allocation } from '../model/allocation.ts';
import { hasIngress, ingressServices } from '../model/ingress-services.ts';
import type { Job, TaskGroup } from '../model/job.ts';
import type { Plan } from '../scheduler/types.ts';

export function courseOf(job: Job, plan: Plan, allocs: readonly Allocation[]): string[] {
  return job.TaskGroups.flatMap((group) => [...rollingLine(group, plan), ...trafficLine(group, plan, allocs)]);
}

/** "Rolling update: 6 instances in 3 batches of 2, at least 90s; next evaluation in 30s." */
function rollingLine(group: TaskGroup, plan: Plan): string[] {
  const total = destructiveTotal(group, plan);
  const update = group.Update;
  if (total === 0 || !update || update.MaxParallel === 0) return [];
  const batchSize = Math.min(update.MaxParallel, total);
  const batches = Math.ceil(total / batchSize);
  const gap = Math.max(update.MinHealthyTime, update.BatchInterval ?? 0);
  const least = (batches - 1) * gap + update.MinHealthyTime;
  const next = batches > 1 ? `; next evaluation in ${formatDuration(gap)}` : '';
  return [
    `Rolling update: ${total} ${plural('instance', total)} in ${batches} ${plural('batch', batches)} of ${batchSize}, at least ${inSeconds(least)}${next}.`,
  ];
}

function trafficLine(group: TaskGroup, plan: Plan, allocs: readonly Allocation[]): string[] {
  if (!hasIngress(group) || destructiveTotal(group, plan) === 0) return [];
  const names = [...new Set(ingressServices(group).map((service) => `"${service.Name}"`))].join(', ');
  const awaiting = plan.placements.some((row) => row.TaskGroup === group.Name && row.AwaitsPrevious);
  if (awaiting)
    return [
      `Traffic: ${names}: there is no room for two, so requests wait for up to ${holdOf(group)} while one instance hands over to the next.`,
    ];
  const running = allocs.filter(
    (alloc) => alloc.TaskGroup === group.Name && alloc.DesiredStatus === 'run' && alloc.ClientStatus === 'running',
  );
  const isStartFirst =
    plan.heldBack[group.Name]?.reason === 'start-first' || running.length <= (group.Update?.MaxParallel ?? 0);
  return isStartFirst
    ? [`Traffic: ${names}: the new instance starts first; the old one drains and stops once the new one serves.`]
    : [`Traffic: ${names}: instances drain before they stop; no request is dropped.`];
}

function destructiveTotal(group: TaskGroup, plan: Plan): number {
  const now = plan.desired[group.Name]?.DestructiveUpdate ?? 0;
  const later = now > 0 ? (plan.heldBack[group.Name]?.count ?? 0) : 0;
  return now + later;
}

function holdOf(group: TaskGroup): string {
  return formatDuration(
    Math.max(...ingressServices(group).flatMap((service) => (service.Ingress ?? []).map((ingress) => ingress.Hold))),
  );
}

const inSeconds = (nanos: number): string => `${Math.round(nanos / 1e8) / 10}s`;

function plural(word: string, count: number): string {
  if (count === 1) return word;
  return word.endsWith('ch') ? `${word}es` : `${word}s`;
}
