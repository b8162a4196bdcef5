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
import type { Change, ReadTx, WriteTx } from '../state/types.ts';

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
  if (evaluation.EscapedComputedClass || !evaluation.ClassEligibility) return true;
  return [...classes].some((name) => evaluation.ClassEligibility?.[name] !== false);
}

/** Makes the blocked evaluations that room on `classes` might help pending again. */
export function unblock(tx: WriteTx, blocked: Iterable<Evaluation>, classes: ReadonlySet<string>, nowMs: number): void {
  for (const { ID } of blocked) {
    const evaluation = tx.evaluation(ID);
    if (evaluation?.Status !== 'blocked' || !mightHelp(evaluation, classes)) continue;
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
