/** The store under writes, killed fifty times. */
import { join } from 'node:path';
import { bundle, CHECKOUT } from '../src/agent/testing/program.ts';
import { seededRandom } from '../src/lib/random.ts';
import { runKillRounds } from '../src/state/storage/kill-rounds.ts';
import type { SoakContext, SoakProgress, SoakRun } from './run.ts';

const ROUNDS = 50;

interface KillProgress extends SoakProgress {
  readonly acknowledged: number;
  readonly index: number;
}

export const killServerRun: SoakRun<KillProgress> = {
  name: 'kill-server',
  title: `a loaded store killed ${ROUNDS} times`,
  total: ROUNDS,
  unit: 'kills',
  setting: [
    'A process keeps eight transactions at a time under way in the embedded store and says each index once it is acknowledged. It is ended with SIGKILL within a quarter of a second of its first word; then the store is opened again, and everything that was acknowledged must be there, and nothing by half. All rounds work on one data directory.',
  ],
  start: { done: 0, failures: [], acknowledged: 0, index: 0 },
  run,
  figures: ({ done, acknowledged, failures }) => [
    ['kills', `${done}`],
    ['transactions acknowledged', `${acknowledged}`],
    ['lost or half there', `${failures.length}`],
  ],
};

async function run({ before, signal, folder, save }: SoakContext<KillProgress>): Promise<KillProgress> {
  // Inside the checkout, so that it finds what it imports from the registry.
  const scratch = join(CHECKOUT, 'node_modules/.cache/serin-soak');
  await bundle({ child: 'src/state/storage/kill-child.ts' }, scratch);
  let progress = before;
  while (progress.done < ROUNDS && !signal.aborted) {
    progress = await oneRound(progress, folder, join(scratch, 'child.js'));
    save(progress);
  }
  return progress;
}

async function oneRound(progress: KillProgress, folder: string, child: string): Promise<KillProgress> {
  const round = progress.done + 1;
  const report = await runKillRounds({
    directory: join(folder, 'data'),
    child,
    rounds: 1,
    random: seededRandom(`soak ${round}`),
    fromIndex: progress.index,
  });
  return {
    done: round,
    acknowledged: progress.acknowledged + report.acknowledged,
    index: report.index,
    failures: [...progress.failures, ...report.problems.map((problem) => `kill ${round}: ${problem}`)],
  };
}
