/** The laws of Marathon's apps: how many serve and how many are there while one is upgraded, and whose lock it is. */
import { type Allocation, isClientTerminal } from '../../src/model/allocation.ts';
import type { Job, MarathonPart } from '../../src/model/job.ts';
import { deploymentsOf } from '../../src/server/marathon/rows.ts';
import type { CommittedTransaction, ReadTx } from '../../src/state/types.ts';
import { changesOf, inWords, isAway, isForgotten, isServing, listInWords, wantedOf } from './instances.ts';
import type { Verdicts } from './laws.ts';

const UPDATING = 'alloc is being updated due to job update';

export function checkApps(verdicts: Verdicts, tx: ReadTx, transaction: CommittedTransaction): void {
  const changed = changesOf<Allocation>(transaction, 'allocs');
  for (const [before, after] of changed) {
    if (before?.DesiredStatus === 'run' && after?.DesiredStatus === 'stop') checkMinimum(verdicts, tx, before, after);
  }
  const placed = changed.flatMap(([before, after]) => (before === undefined && after ? [after] : []));
  for (const row of new Map(placed.map((each) => [each.JobID, each])).values()) checkMaximum(verdicts, tx, row);
  if (transaction.changes.some(({ table }) => table === 'meta')) checkLocks(verdicts, tx);
}

interface Strategy {
  readonly minimumHealthCapacity: number;
  readonly maximumOverCapacity: number;
}

/** The law has arithmetic of its own: it holds the product's to what Marathon's documentation says. */
function limitsOf({ TaskGroups }: Job, { App }: MarathonPart): { readonly minimum: number; readonly maximum: number } {
  const { minimumHealthCapacity, maximumOverCapacity } = App.upgradeStrategy as Strategy;
  const instances = TaskGroups[0]?.Count ?? 0;
  const minimum = Math.ceil(instances * minimumHealthCapacity);
  const maximum = Math.floor(instances * (1 + maximumOverCapacity));
  return { minimum, maximum: minimum === maximum ? maximum + 1 : maximum };
}

function checkMinimum(verdicts: Verdicts, tx: ReadTx, before: Allocation, after: Allocation): void {
  const job = tx.job(after.Namespace, after.JobID);
  if (!job?.Marathon || after.DesiredDescription !== UPDATING || !isServing(before) || isForgotten(after)) return;
  const { minimum } = limitsOf(job, job.Marathon);
  const wanted = wantedOf(tx, after);
  const serving = wanted.filter(isServing).length;
  // One for one: what is missing is missing for another reason than the upgrade.
  const isTakenOver = wanted.some((other) => other.Name === after.Name && isServing(other));
  verdicts.check(
    'minimum',
    serving >= minimum || isTakenOver,
    () => `stopping ${inWords(after)} leaves ${serving} serving of ${minimum} at least; wanted: ${listInWords(wanted)}`,
  );
}

/** Whoever has not ended counts, on its way out or not. */
function checkMaximum(verdicts: Verdicts, tx: ReadTx, placed: Allocation): void {
  const job = tx.job(placed.Namespace, placed.JobID);
  // What was planned for another version is looked at when the scheduler has seen this one.
  if (!job?.Marathon || placed.JobVersion !== job.Version) return;
  const { maximum } = limitsOf(job, job.Marathon);
  // Another stands in for what is away.
  const there = tx.allocsByJob(job.Namespace, job.ID).filter((alloc) => !isClientTerminal(alloc) && !isAway(alloc));
  verdicts.check(
    'maximum',
    there.length <= maximum,
    () => `${there.length} instances of ${job.ID} are there, ${maximum} may be: ${listInWords(there)}`,
  );
}

function checkLocks(verdicts: Verdicts, tx: ReadTx): void {
  const held = deploymentsOf(tx)
    .filter(({ Status }) => Status === 'running')
    .flatMap(({ Steps }) => [...new Set(Steps.flatMap(({ actions }) => actions.map(({ app }) => app)))]);
  verdicts.check('lock', new Set(held).size === held.length, () => `two deployments hold one of ${held.join(', ')}`);
}
