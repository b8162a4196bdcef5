/**
 * Everything that a task started, children that became daemons included. With a cgroup the kernel keeps the list;
 * without one the processes are found by session and by a marker in their environment, which only a process that
 * changed both on purpose escapes.
 */
import { readFileSync } from 'node:fs';
import { type Clock, sleep } from '../lib/clock.ts';
import { SerinError } from '../lib/errors.ts';
import { cgroupPids, killCgroup, removeCgroup } from './cgroup.ts';
import { allPids, isAlive, type ProcessId, readStat, sendSignal } from './proc.ts';

/** Set in the environment of a task and of all that it starts, to the id of that start. */
export const TASK_MARKER = 'SERIN_TASK_ID';

export interface ProcessTree {
  readonly taskId: string;
  readonly cgroup: string | undefined;
  readonly main: ProcessId | undefined;
  /** Watches over the task and must outlive it. */
  readonly spared: ProcessId | undefined;
}

export function treePids(tree: ProcessTree): number[] {
  return tree.cgroup === undefined ? findByMarks(tree) : cgroupPids(tree.cgroup);
}

const KILL_DEADLINE_MS = 10_000;

/** Resolves when nothing of it runs any more. */
export async function killTree(tree: ProcessTree, clock: Clock): Promise<void> {
  const deadlineMs = clock.nowMs() + KILL_DEADLINE_MS;
  for (let pauseMs = 1; killOnce(tree); pauseMs = Math.min(50, pauseMs * 2)) {
    if (clock.nowMs() > deadlineMs) {
      throw new SerinError(
        'driver',
        `processes ${treePids(tree).join(', ')} survive SIGKILL; they may hang in the kernel`,
      );
    }
    await sleep(clock, pauseMs);
  }
}

/** Says whether there was anything left to kill. */
function killOnce(tree: ProcessTree): boolean {
  if (tree.cgroup !== undefined) {
    if (removeCgroup(tree.cgroup)) return false;
    killCgroup(tree.cgroup);
    return !removeCgroup(tree.cgroup);
  }
  const pids = findByMarks(tree);
  for (const pid of pids) {
    const stat = readStat(pid);
    if (stat !== undefined) sendSignal(stat, 'SIGKILL');
  }
  return pids.length > 0;
}

function findByMarks(tree: ProcessTree): number[] {
  const marker = `${TASK_MARKER}=${tree.taskId}`;
  return allPids().filter((pid) => pid !== process.pid && belongs(tree, pid, marker));
}

function belongs(tree: ProcessTree, pid: number, marker: string): boolean {
  const stat = readStat(pid);
  if (stat === undefined || !isAlive(stat)) return false;
  if (stat.pid === tree.spared?.pid && stat.start === tree.spared.start) return false;
  const main = tree.main;
  // Between its record and its exec it has neither mark.
  if (main !== undefined && stat.pid === main.pid && stat.start === main.start) return true;
  // A session outlives its leader, and its number is not given to another process meanwhile.
  const sameSession = main !== undefined && stat.session === main.pid && Number(stat.start) >= Number(main.start);
  return sameSession || environmentOf(pid).includes(marker);
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    return [];
  }
}
