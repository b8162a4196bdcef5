/**
 * Everything that a task started, children that became daemons included. With a cgroup the kernel keeps the list;
 * without one the processes are found by session and by a marker in their environment, which only a process that
 * changed both on purpose escapes. Looking at every process of the machine is dear, so one look serves all the trees
 * that are being killed.
 */
import { readFileSync } from 'node:fs';
import { type Clock, sleep } from '../lib/clock.ts';
import { SerinError } from '../lib/errors.ts';
import { cgroupPids, killCgroup, removeCgroup } from './cgroup.ts';
import { allPids, type ProcessId, type ProcessStat, readStat, sendSignal } from './proc.ts';

/** Set in the environment of a task and of all that it starts, to the id of that start. */
export const TASK_MARKER = 'SERIN_TASK_ID';

export interface ProcessTree {
  readonly taskId: string;
  readonly cgroup: string | undefined;
  readonly main: ProcessId;
  /** Watches over the task and must outlive it. */
  readonly spared: ProcessId;
}

const KILL_DEADLINE_MS = 10_000;
const MAX_PAUSE_MS = 50;

interface Killing {
  readonly tree: ProcessTree;
  readonly deadlineMs: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class ProcessTrees {
  readonly #clock: Clock;
  readonly #killing = new Set<Killing>();
  #rounds: Promise<void> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  pids(tree: ProcessTree): number[] {
    return tree.cgroup === undefined ? (survey([tree]).get(tree) ?? []).map(({ pid }) => pid) : cgroupPids(tree.cgroup);
  }

  /** Resolves when nothing of it runs any more. */
  kill(tree: ProcessTree): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#killing.add({ tree, deadlineMs: this.#clock.nowMs() + KILL_DEADLINE_MS, resolve, reject });
      this.#rounds ??= this.#runRounds().finally(() => {
        this.#rounds = undefined;
      });
    });
  }

  async #runRounds(): Promise<void> {
    // Those who ask in the same turn share the first look.
    await Promise.resolve();
    for (let pauseMs = 1; this.#killing.size > 0; pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 2)) {
      const all = [...this.#killing];
      const found = survey(all.map(({ tree }) => tree).filter((tree) => tree.cgroup === undefined));
      await Promise.all(all.map((each) => this.#step(each, found.get(each.tree) ?? [])));
      if (this.#killing.size > 0) await sleep(this.#clock, pauseMs);
    }
  }

  async #step(killing: Killing, found: readonly ProcessStat[]): Promise<void> {
    const { tree } = killing;
    const isGone = tree.cgroup === undefined ? killFound(found) : await killInCgroup(tree.cgroup);
    if (isGone) killing.resolve();
    else if (this.#clock.nowMs() > killing.deadlineMs) killing.reject(survivors(this.pids(tree)));
    else return;
    this.#killing.delete(killing);
  }
}

const survivors = (pids: readonly number[]): SerinError =>
  new SerinError('driver', `processes ${pids.join(', ')} survive SIGKILL; they may hang in the kernel`);

function killFound(found: readonly ProcessStat[]): boolean {
  for (const stat of found) sendSignal(stat, 'SIGKILL');
  return found.length === 0;
}

async function killInCgroup(cgroup: string): Promise<boolean> {
  if (await removeCgroup(cgroup)) return true;
  await killCgroup(cgroup);
  return removeCgroup(cgroup);
}

/** One look at all processes of the machine: which of them belong to which tree. */
function survey(trees: readonly ProcessTree[]): Map<ProcessTree, ProcessStat[]> {
  const found = new Map<ProcessTree, ProcessStat[]>();
  if (trees.length === 0) return found;
  const owner = ownerFinder(trees);
  const earliest = Math.min(...trees.map((tree) => Number(tree.main.start)));
  for (const pid of allPids()) {
    const stat = readStat(pid);
    const isCandidate = stat !== undefined && stat.state !== 'Z' && Number(stat.start) >= earliest;
    const tree = isCandidate ? owner(stat) : undefined;
    if (stat && tree) found.set(tree, [...(found.get(tree) ?? []), stat]);
  }
  return found;
}

function ownerFinder(trees: readonly ProcessTree[]): (stat: ProcessStat) => ProcessTree | undefined {
  const bySession = new Map(trees.map((tree) => [tree.main.pid, tree]));
  const byMarker = new Map(trees.map((tree) => [tree.taskId, tree]));
  return (stat) => {
    // Between its record and its exec a task has neither mark, so it is known by its pid as well.
    const near = bySession.get(stat.session) ?? bySession.get(stat.pid);
    // A session outlives its leader, and its number is not given to another process meanwhile.
    const tree = near && Number(stat.start) >= Number(near.main.start) ? near : byMarker.get(markerOf(stat.pid));
    return tree && isSame(stat, tree.spared) ? undefined : tree;
  };
}

const isSame = (a: ProcessId, b: ProcessId): boolean => a.pid === b.pid && a.start === b.start;

function markerOf(pid: number): string {
  try {
    const entry = readFileSync(`/proc/${pid}/environ`, 'latin1')
      .split('\0')
      .find((each) => each.startsWith(`${TASK_MARKER}=`));
    return entry?.slice(TASK_MARKER.length + 1) ?? '';
  } catch {
    return '';
  }
}
