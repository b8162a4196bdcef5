/**
 * `unreachableStrategy` as the `disconnect` block that it is here: from `inactiveAfterSeconds` on another takes the
 * place, after `expungeAfterSeconds` the task is forgotten, and `killSelection` says which of two stays.
 */
import type { DisconnectStrategy } from '../model/disconnect.ts';
import { Reconciles } from '../model/disconnect.ts';
import { SECOND } from '../model/nanos.ts';
import type { MarathonApp } from './app.ts';

/**
 *   0/0          → nothing: given up and replaced at once
 *   300/600      → replace_after 300s, lost_after 600s
 *   300/300      → lost_after 300s, replaced then
 *   "disabled"   → waited for for ever
 */
export function disconnectOf(app: MarathonApp): { readonly Disconnect?: DisconnectStrategy } {
  const { unreachableStrategy } = app;
  const Reconcile = reconcileOf(app);
  if (unreachableStrategy === 'disabled') return { Disconnect: { LostAfter: null, Replace: false, Reconcile } };
  const [ReplaceAfter, LostAfter] = [
    nanos(unreachableStrategy.inactiveAfterSeconds),
    nanos(unreachableStrategy.expungeAfterSeconds),
  ];
  if (LostAfter === 0) return {};
  if (ReplaceAfter >= LostAfter) return { Disconnect: { LostAfter, Replace: false, Reconcile } };
  return { Disconnect: { LostAfter, Replace: true, ...(ReplaceAfter > 0 && { ReplaceAfter }), Reconcile } };
}

/** Of two the younger goes, unless the app says the older: the one that stood in is the younger. */
const reconcileOf = ({ killSelection }: MarathonApp): string =>
  killSelection === 'OLDEST_FIRST' ? Reconciles.keepReplacement : Reconciles.keepOriginal;

const nanos = (seconds: number): number => Math.round(seconds * SECOND);
