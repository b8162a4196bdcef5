/**
 * Blocked evaluations: those that could not place everything and wait for room. One per job; a newer one replaces the
 * older. Room appears when an allocation ends, a node joins or comes back, or one is made eligible: then those whose
 * constraints the node's class may satisfy become pending again.
 */

import type { Allocation } from '../model/allocation.ts';
import { isClientTerminal } from '../model/allocation.ts';
import type { Evaluation } from '../model/evaluation.ts';
import { nanosOf } from '../model/nanos.ts';
import type { Node } from '../model/node.ts';
import { isSchedulable } from '../model/node.ts';
import type { Change, CommittedTransaction, ReadTx, WriteTx } from '../state/types.ts';

/**
 * Those who wait, and when room last appeared on a class of nodes; both from committed transactions in their order.
 * Room that appeared while an evaluation was being planned came too early to wake it and too late for it to see:
 * such a one is due as soon as it is blocked.
 */
export class BlockedEvals {
  readonly #blocked = new Map<string, Evaluation>();
  readonly #roomAt = new Map<string, number>();

  /** Takes note of a transaction, and answers who is to be woken after it. */
  observe(tx: ReadTx, { index, changes }: CommittedTransaction): Evaluation[] {
    const begun = changes.flatMap((change) => this.#note(change));
    const classes = classesWithRoom(tx, changes);
    for (const name of classes) this.#roomAt.set(name, index);
    const asked = classes.size > 0 ? [...this.#blocked.values()] : begun;
    return asked.filter((evaluation) => mightHelp(evaluation, this.#roomSince(evaluation.SnapshotIndex ?? 0)));
  }

  #note({ table, key, after }: Change): Evaluation[] {
    if (table !== 'evals') return [];
    const evaluation = after as Evaluation | undefined;
    if (evaluation?.Status !== 'blocked') {
      this.#blocked.delete(key);
      return [];
    }
    this.#blocked.set(key, evaluation);
    return [evaluation];
  }

  #roomSince(index: number): ReadonlySet<string> {
    return new Set([...this.#roomAt].filter(([, at]) => at > index).map(([name]) => name));
  }
}

/** The computed classes of nodes that a change may have given room on. */
export function classesWithRoom(tx: ReadTx, changes: readonly Change[]): ReadonlySet<string> {
  const classes = new Set<string>();
  for (const change of changes) {
    const node = nodeWithRoom(tx, change);
    if (node && isSchedulable(node)) classes.add(node.ComputedClass);
  }
  return classes;
}

/** Would room on a node of one of these classes help? Unknown classes might: nobody has judged them yet. */
export function mightHelp(evaluation: Evaluation, classes: ReadonlySet<string>): boolean {
  if (classes.size === 0) return false;
  if (evaluation.EscapedComputedClass || !evaluation.ClassEligibility) return true;
  return [...classes].some((name) => evaluation.ClassEligibility?.[name] !== false);
}

/** Makes evaluations that are still blocked pending again. */
export function unblock(tx: WriteTx, blocked: Iterable<Pick<Evaluation, 'ID'>>, nowMs: number): void {
  for (const { ID } of blocked) {
    const evaluation = tx.evaluation(ID);
    if (evaluation?.Status !== 'blocked') continue;
    tx.putEvaluation({ ...evaluation, Status: 'pending', StatusDescription: '', ModifyTime: nanosOf(nowMs) });
  }
}

function nodeWithRoom(tx: ReadTx, change: Change): Node | undefined {
  if (change.table === 'nodes') return change.after as Node | undefined;
  if (change.table !== 'allocs') return undefined;
  const before = change.before as Allocation | undefined;
  const after = change.after as Allocation | undefined;
  const ended = before && !isClientTerminal(before) && (after === undefined || isClientTerminal(after));
  return ended ? tx.node(before.NodeID) : undefined;
}
