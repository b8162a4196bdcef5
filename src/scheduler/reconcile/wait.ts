/** Whether an instance whose node is lost is waited for, as its group's `disconnect` says. Pure arithmetic. */
import type { Allocation } from '../../model/allocation.ts';
import { type DisconnectStrategy, type DisconnectTimes, disconnectTimes } from '../../model/disconnect.ts';
import type { TaskGroup } from '../../model/job.ts';
import type { Node } from '../../model/node.ts';

/** over: given up · waits: nobody takes its place · replaceable: another may, until it is back. */
export type Wait = 'over' | 'waits' | 'replaceable';

/** `group` as it is wanted now: what the job has no more is not waited for. */
export function waitOf(alloc: Allocation, node: Node | undefined, group: TaskGroup | undefined, nowMs: number): Wait {
  if (!group?.Disconnect || !node || !isWorthWaiting(alloc)) return 'over';
  const { ReplaceAtMs, LostAtMs } = timesOf(group.Disconnect, node);
  if (LostAtMs !== undefined && nowMs >= LostAtMs) return 'over';
  if (ReplaceAtMs === undefined || nowMs < ReplaceAtMs) return 'waits';
  return isOfAnotherSet(alloc) ? 'over' : 'replaceable';
}

/** What never ran has nothing to come back with, and what was to leave its node has a successor anyway. */
const isWorthWaiting = ({ ClientStatus, DesiredTransition }: Allocation): boolean =>
  ClientStatus === 'running' && DesiredTransition?.Migrate !== true;

/** A canary, or one that rests: such a set is made up anew rather than doubled. */
const isOfAnotherSet = ({ DeploymentStatus, RestsUntilMs }: Allocation): boolean =>
  DeploymentStatus?.Canary === true || RestsUntilMs !== undefined;

/** It is lost since its node's status last changed. */
export const timesOf = (strategy: DisconnectStrategy, { StatusUpdatedAt }: Node): DisconnectTimes =>
  disconnectTimes(strategy, StatusUpdatedAt * 1000);

/** Its row says still that its node is lost: what else the row says of it is from before. */
export const isJustBack = (alloc: Allocation, isThere: boolean): boolean => isThere && alloc.Disconnected !== undefined;
