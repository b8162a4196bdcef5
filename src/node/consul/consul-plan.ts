/** What has to be done so that Consul says what this node wants it to say. Pure; ids that are not ours are not looked at. */
import { isDeepStrictEqual } from 'node:util';
import type { ConsulCheck, ConsulRegistration, ConsulService } from './consul-api.ts';
import type { WantedService } from './consul-registrations.ts';

export interface Observed {
  readonly services: readonly ConsulService[];
  readonly checks: readonly ConsulCheck[];
}

export interface ConsulPlan {
  readonly register: readonly ConsulRegistration[];
  readonly deregister: readonly string[];
  readonly maintain: readonly { readonly id: string; readonly isOn: boolean }[];
}

export interface PlanFacts {
  /** What all our ids begin with. */
  readonly prefix: string;
  readonly wanted: readonly WantedService[];
  readonly observed: Observed;
  /** By id, what this agent has registered: Consul does not tell how a check is defined. */
  readonly registered: ReadonlyMap<string, string>;
}

export function planSync({ prefix, wanted, observed, registered }: PlanFacts): ConsulPlan {
  const ids = new Set(wanted.map(({ registration }) => registration.ID));
  const seen = new Map(observed.services.map((service) => [service.ID, service]));
  return {
    register: wanted
      .map(({ registration }) => registration)
      .filter((each) => registered.get(each.ID) !== definitionOf(each) || !isThere(each, seen.get(each.ID), observed)),
    deregister: [...seen.keys()].filter((id) => id.startsWith(prefix) && !ids.has(id)),
    maintain: wanted
      .map(({ registration, isResting }) => ({ id: registration.ID, isOn: isResting }))
      .filter(({ id, isOn }) => isOn !== isMaintained(id, observed.checks)),
  };
}

/** Everything but the status that a check begins with. */
export const definitionOf = (service: ConsulRegistration): string =>
  JSON.stringify({ ...service, Checks: service.Checks.map(({ Status: _begins, ...check }) => check) });

function isThere(wanted: ConsulRegistration, seen: ConsulService | undefined, { checks }: Observed): boolean {
  if (seen === undefined) return false;
  const own = checks.filter(({ ServiceID, CheckID }) => ServiceID === wanted.ID && !isMaintenance(CheckID));
  // Where others may override tags, theirs stand.
  const isTagged = wanted.EnableTagOverride || isDeepStrictEqual([...seen.Tags], [...wanted.Tags]);
  const isSame =
    seen.Service === wanted.Name &&
    seen.Address === wanted.Address &&
    seen.Port === wanted.Port &&
    isDeepStrictEqual({ ...seen.Meta }, { ...wanted.Meta });
  const ids = (list: readonly { readonly CheckID: string }[]) => list.map(({ CheckID }) => CheckID).sort();
  return isSame && isTagged && isDeepStrictEqual(ids(own), ids(wanted.Checks));
}

const MAINTENANCE_PREFIX = '_service_maintenance:';
const isMaintenance = (checkId: string): boolean => checkId.startsWith(MAINTENANCE_PREFIX);
const isMaintained = (serviceId: string, checks: readonly ConsulCheck[]): boolean =>
  checks.some(({ CheckID }) => CheckID === `${MAINTENANCE_PREFIX}${serviceId}`);
