/**
 * How long instances are waited for whose node is lost. Names and meaning are those of later peers' `disconnect` block;
 * `ReplaceAfter` is ours. A group without one gives them up, and replaces them, at once.
 */
import { formatDuration, nanosFromMs } from '../lib/duration.ts';
import { type ErrorTree, wrongIf } from './error-tree.ts';
import { MILLISECOND, type Nanos } from './nanos.ts';
import type { RequestFields } from './request-fields.ts';

/** Which of two stays when an instance is back after another was started in its place. */
export const Reconciles = {
  keepOriginal: 'keep_original',
  keepReplacement: 'keep_replacement',
  longestRunning: 'longest_running',
} as const;
export type Reconcile = (typeof Reconciles)[keyof typeof Reconciles];

export interface DisconnectStrategy {
  /** When the instance is forgotten: it is lost, replaced if nothing was, and stopped if it ever comes back. null: never. */
  LostAfter: Nanos | null;
  /** Whether another is started while it is waited for. */
  Replace: boolean;
  /** Ours: how long until that; absent: at once. */
  ReplaceAfter?: Nanos;
  Reconcile: string;
  /** Not supported; kept so that it can be refused by name. */
  StopOnClientAfter?: Nanos;
}

/** What becomes of an instance whose node is lost, and when, in milliseconds since the epoch. */
export interface DisconnectTimes {
  /** Since when its node is lost. */
  SinceMs: number;
  /** From when on another may take its place; absent: none does while it is waited for. */
  ReplaceAtMs?: number;
  /** When it is forgotten; absent: never. */
  LostAtMs?: number;
}

/**
 *   lost_after 10m, replace_after 5m   → another from 5 min on, forgotten after 10
 *   lost_after 10m                     → another at once, forgotten after 10 min
 *   lost_after 10m, replace = false    → forgotten after 10 min, and replaced then
 *   replace = false                    → waited for for ever
 */
export function disconnectTimes(strategy: DisconnectStrategy, SinceMs: number): DisconnectTimes {
  const { LostAfter, Replace, ReplaceAfter = 0 } = strategy;
  return {
    SinceMs,
    ...(Replace && { ReplaceAtMs: SinceMs + ReplaceAfter / MILLISECOND }),
    ...(LostAfter !== null && { LostAtMs: SinceMs + LostAfter / MILLISECOND }),
  };
}

/** Nobody takes its place yet. */
export const isAwaited = (times: DisconnectTimes | undefined, nowMs: number): boolean =>
  times !== undefined && (times.ReplaceAtMs === undefined || times.ReplaceAtMs > nowMs);

/** When the wait changes next; undefined: not before its node is back. */
export function nextChangeMs({ ReplaceAtMs, LostAtMs }: DisconnectTimes, nowMs: number): number | undefined {
  return [ReplaceAtMs, LostAtMs].find((ms) => ms !== undefined && ms > nowMs);
}

/** "its node n1 is lost since 4m12s; another takes its place in 48s, and it is forgotten in 5m48s" */
export function disconnectedWords(node: string, times: DisconnectTimes, nowMs: number): string {
  const { SinceMs, ReplaceAtMs, LostAtMs } = times;
  const hasSuccessor = !isAwaited(times, nowMs);
  const after = [
    hasSuccessor && 'another takes its place until it is back',
    !hasSuccessor && ReplaceAtMs !== undefined && `another takes its place in ${inWords(ReplaceAtMs - nowMs)}`,
    LostAtMs !== undefined &&
      (ReplaceAtMs ?? 0) < LostAtMs &&
      `it is ${ReplaceAtMs === undefined ? 'replaced' : 'forgotten'} in ${inWords(LostAtMs - nowMs)}`,
    ReplaceAtMs === undefined && LostAtMs === undefined && 'it is waited for until it is back',
  ].filter((words) => words !== false);
  return `its node ${node} is lost since ${inWords(nowMs - SinceMs)}; ${after.join(', and ')}`;
}

const inWords = (ms: number): string => formatDuration(nanosFromMs(Math.max(0, Math.round(ms / 1000) * 1000)));

export function readDisconnect(fields: RequestFields | undefined): DisconnectStrategy | undefined {
  if (!fields) return undefined;
  const replaceAfter = fields.optionalNanos('ReplaceAfter');
  const stopOnClientAfter = fields.optionalNanos('StopOnClientAfter');
  return {
    LostAfter: fields.optionalNanos('LostAfter'),
    Replace: fields.boolean('Replace', true),
    ...(replaceAfter !== null && { ReplaceAfter: replaceAfter }),
    Reconcile: reconcileOf(fields.text('Reconcile')),
    ...(stopOnClientAfter !== null && { StopOnClientAfter: stopOnClientAfter }),
  };
}

/** Clients of later peers fill in "best_score": nothing here compares nodes again, and the original stays. */
const reconcileOf = (text: string): string => (text === '' || text === 'best_score' ? Reconciles.keepOriginal : text);

export function validateDisconnect(strategy: DisconnectStrategy): ErrorTree[] {
  const { LostAfter, Replace, ReplaceAfter, Reconcile, StopOnClientAfter } = strategy;
  const words: readonly string[] = Object.values(Reconciles);
  return [
    ...wrongIf((LostAfter ?? 0) < 0, 'lost_after must be a positive value'),
    ...wrongIf((ReplaceAfter ?? 0) < 0, 'replace_after must be a positive value'),
    ...wrongIf(
      LostAfter !== null && (ReplaceAfter ?? 0) > LostAfter,
      'replace_after must not be longer than lost_after: what is forgotten is replaced anyway',
    ),
    ...wrongIf(
      !Replace && ReplaceAfter !== undefined,
      'replace_after says when another is started, and replace = false that none is: leave one of them out',
    ),
    ...wrongIf(
      !words.includes(Reconcile),
      `reconcile must be ${words.map((word) => JSON.stringify(word)).join(', ')} or "best_score", not ${JSON.stringify(Reconcile)}`,
    ),
    ...wrongIf(
      StopOnClientAfter !== undefined,
      'stop_on_client_after is not supported, since a node stops nothing on its own while no server answers: use lost_after',
    ),
  ];
}
