/**
 * A user stays with a version while canaries are tried: the cookie that says which, the same from every ingress and data
 * plane. It holds for one trial only, so that nobody is bound to the next one's canaries by what they saw before.
 *
 * "3f0a11c2.5d40e7aa": of this trial, with the canaries of that group. "3f0a11c2.412339": with the stable pool, and where
 * on a line of a million all users stand, the stable pool's share first: when the canaries' share grows, those whom it
 * reaches move to them, so that of all users it is the share that is written, at any time.
 */
import { createHash } from 'node:crypto';
import type { Backend, Pool } from '../model/ingress.ts';

export const LINE_LENGTH = 1_000_000;

/** Cookies know hosts, not ports, and several services may share a host. */
export const trialCookie = (backendId: string): string => `serin_trial_${digest(backendId)}`;

/** By the versions of the canaries; undefined: none has a share, so nobody is bound. */
export function trialOf({ TrialCookie, Pools }: Pick<Backend, 'TrialCookie' | 'Pools'>): string | undefined {
  const tried = Pools.filter(({ Name, Weight }) => Name === 'canary' && Weight > 0);
  if (TrialCookie === undefined || tried.length === 0) return undefined;
  const versions = Pools.filter(({ Name }) => Name === 'canary').flatMap(({ Servers }) => Servers);
  return digest(String(Math.max(...versions.map(({ Version }) => Version))));
}

export const canaryMark = (trial: string, group: string | undefined): string => `${trial}.${digest(group ?? '')}`;
export const stableMark = (trial: string, place: number): string => `${trial}.${place}`;

/** Where on the line a mark of the stable pool stands; undefined: it is none of this trial. */
export function placeOfMark(trial: string, mark: string): number | undefined {
  const place = mark.startsWith(`${trial}.`) ? mark.slice(trial.length + 1) : '';
  return /^\d{1,6}$/.test(place) ? Number(place) : undefined;
}

/** The pool whose share covers a place. */
export function poolAt<P extends Pick<Pool, 'Weight'>>(pools: readonly P[], place: number): P | undefined {
  const total = pools.reduce((sum, { Weight }) => sum + Weight, 0);
  let reached = 0;
  for (const pool of pools) {
    reached += pool.Weight;
    if (place < (reached / total) * LINE_LENGTH) return pool;
  }
  return undefined;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);
