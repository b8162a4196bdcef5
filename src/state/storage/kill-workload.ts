/**
 * What the killed process writes. The rows after a transaction are a function of its index alone, so whoever opens the
 * store later knows all that must be there, and all that must not.
 */
import { alloc } from '../fixtures.ts';
import type { ReadTx, WriteTx } from '../types.ts';

/** A step's rows live for this many steps, so that deletions are under way all the time. */
const KEPT_STEPS = 40;
const LARGE_EVERY = 23;

const rowsOfStep = (step: number): number => (step % LARGE_EVERY === 0 ? 1_000 : 1 + ((step * 7_919) % 30));

export function writeStep(tx: WriteTx): void {
  const step = tx.index;
  for (let at = 0; at < rowsOfStep(step); at++) tx.putAlloc(alloc({ ID: `${step}-${at}`, EvalID: `step-${step}` }));
  for (const old of tx.allocsByEval(`step-${step - KEPT_STEPS}`)) tx.deleteAlloc(old.ID);
  tx.putMeta('last', { step });
}

/** What is wrong with the rows, in words; nothing when they are exactly those of the view's index. */
export function problemsOf(tx: ReadTx): string[] {
  const problems: string[] = [];
  const step = tx.index;
  if (step === 0) return problems;
  const last = tx.meta('last') as { step: number } | undefined;
  if (last?.step !== step) problems.push(`the last step is ${last?.step}, the index ${step}`);
  let expected = 0;
  for (let each = Math.max(1, step - KEPT_STEPS + 1); each <= step; each++) {
    expected += rowsOfStep(each);
    const there = tx.allocsByEval(`step-${each}`).length;
    if (there !== rowsOfStep(each)) problems.push(`step ${each} has ${there} rows of ${rowsOfStep(each)}`);
  }
  const there = [...tx.allocs()].length;
  if (there !== expected) problems.push(`${there} rows in all, expected ${expected}`);
  return problems;
}
