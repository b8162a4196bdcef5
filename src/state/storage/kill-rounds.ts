/**
 * Kills a process that writes to the embedded store with SIGKILL, opens the store again, and looks: everything that it
 * acknowledged is there, and nothing is there by half. Run by the live test and, for longer, by the soak.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Random } from '../../lib/random.ts';
import { State } from '../state.ts';
import { openEmbeddedStorage } from './embedded.ts';
import { problemsOf } from './kill-workload.ts';

export interface KillRoundsOptions {
  readonly directory: string;
  /** kill-child.ts, bundled to something that Node.js runs. */
  readonly child: string;
  readonly rounds: number;
  readonly random: Random;
  /** Where an earlier call on this directory ended; none by default. */
  readonly fromIndex?: number;
}

export interface KillReport {
  readonly rounds: number;
  /** Transactions acknowledged over all rounds. */
  readonly acknowledged: number;
  /** The index at the end. */
  readonly index: number;
  readonly problems: readonly string[];
}

/** A child is killed so many milliseconds after its first acknowledgement, at most. */
const LONGEST_LIFE_MS = 250;

export async function runKillRounds(options: KillRoundsOptions): Promise<KillReport> {
  const problems: string[] = [];
  let acknowledged = 0;
  let index = options.fromIndex ?? 0;
  for (let round = 1; round <= options.rounds; round++) {
    const newest = await runAndKill(options.child, options.directory, options.random.next() * LONGEST_LIFE_MS);
    const found = await inspect(options.directory);
    if (newest <= index) found.problems.push(`nothing new was acknowledged: ${newest} after ${index}`);
    if (found.index < newest) found.problems.push(`index ${newest} was acknowledged, ${found.index} is there`);
    problems.push(...found.problems.map((problem) => `round ${round}: ${problem}`));
    acknowledged += newest - index;
    index = found.index;
  }
  return { rounds: options.rounds, acknowledged, index, problems };
}

/** Answers the newest index that the child acknowledged before it died. */
async function runAndKill(child: string, directory: string, lifeMs: number): Promise<number> {
  const running = spawn(process.execPath, [child, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => running.once('close', () => resolve()));
  let newest = 0;
  for await (const line of createInterface({ input: running.stdout })) {
    if (newest === 0) setTimeout(() => running.kill('SIGKILL'), lifeMs);
    newest = Math.max(newest, Number(line));
  }
  await ended;
  return newest;
}

async function inspect(directory: string): Promise<{ index: number; problems: string[] }> {
  const state = await State.open(await openEmbeddedStorage(directory));
  try {
    return { index: state.index, problems: state.view(problemsOf) };
  } finally {
    await state.close();
  }
}
