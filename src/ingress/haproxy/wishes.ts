/**
 * What requests of a service may say about where they go (a sticky client's cookie, a word for or against canaries, the
 * cookie of a trial), as entries of maps: HAProxy's script looks them up, so that all of it changes without a reload.
 */
import type { Backend, Pool } from '../../model/ingress.ts';
import { serverKey } from '../../model/ingress.ts';
import { stickyValue } from '../sticky.ts';
import { canaryMark, trialOf } from '../trial.ts';
import { poolChoice } from './pool-choice.ts';

export interface WishingService {
  readonly name: string;
  readonly backend: Backend;
  readonly slotOfPool: (pool: Pool) => string;
}

type Entries = readonly (readonly [string, string])[];

/** The names to look for, and the trial that is under way; a name is a token, which has no comma. */
export function wishSpec({ name, backend }: WishingService): Entries {
  const { StickyCookie = '', CanaryHeader = '', CanaryCookie = '', TrialCookie = '' } = backend;
  const spec = [StickyCookie, CanaryHeader, CanaryCookie, TrialCookie, trialOf(backend) ?? ''];
  return [[name, spec.join(',')]];
}

/** Where "always" and "never" lead: to the canaries of all groups alike, whatever their weight, or to the stable pool. */
export function wordEntries({ name, backend: { Pools }, slotOfPool }: WishingService): Entries {
  const canaries = Pools.filter((pool) => pool.Name === 'canary' && hasReady(pool));
  if (canaries.length === 0) return [];
  const never = Pools.filter(({ Name }) => Name === 'stable').map(slotOfPool);
  const always = poolChoice(
    canaries.map((pool) => ({ slot: slotOfPool(pool), weight: 1 })),
    '',
  );
  return [[`${name}/always`, always], ...never.map((slot) => [`${name}/never`, slot] as const)];
}

/** Whom a sticky client's cookie names: slot, server and pool. Who takes no new request is not among them. */
export function stickyEntries({ name, backend, slotOfPool }: WishingService): Entries {
  if (backend.StickyCookie === undefined) return [];
  return backend.Pools.filter(({ Weight }) => Weight > 0).flatMap((pool) =>
    pool.Servers.filter(({ State, Weight }) => State === 'ready' && Weight !== 0).map((server) => {
      const at = [slotOfPool(pool), serverKey(server.AllocID, server.Port), pool.Name];
      return [`${name}/${stickyValue(server)}`, at.join('/')] as const;
    }),
  );
}

/** By slot, what binds a user to the version there (for the stable pool their place is added); and back to the slot. */
export function markEntries({ name, backend, slotOfPool }: WishingService): Entries {
  const trial = trialOf(backend);
  if (trial === undefined) return [];
  return backend.Pools.filter(({ Weight }) => Weight > 0).flatMap((pool): Entries => {
    const slot = slotOfPool(pool);
    if (pool.Name === 'stable') return [[slot, `${trial}.`]];
    const mark = canaryMark(trial, pool.Group);
    return [
      [slot, mark],
      [`${name}/${mark}`, slot],
    ];
  });
}

const hasReady = ({ Servers }: Pool): boolean => Servers.some(({ State }) => State === 'ready');
