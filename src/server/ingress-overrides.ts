/** What people set for one instance at the ingresses, by hand: it is kept with the instance and ends with it. */
import { SerinError } from '../lib/errors.ts';
import { type Allocation, isClientTerminal } from '../model/allocation.ts';
import type { IngressOverride } from '../model/ingress.ts';
import { addedPort, ingressServices, takesRequests } from '../model/ingress-services.ts';
import { findGroup, type TaskGroup } from '../model/job.ts';
import { nanosOf } from '../model/nanos.ts';
import type { ReadTx, WriteTx } from '../state/types.ts';

/**
 * drain: nothing new · ready: what the routing table says, whatever was set before · weight: a percentage of an ordinary
 * instance's part · add, remove: it stands behind another backend too, or no more.
 */
export type OverrideChange =
  | { readonly kind: 'drain' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'weight'; readonly percent: number }
  | { readonly kind: 'add' | 'remove'; readonly backend: string };

export function changeOverride(tx: WriteTx, allocId: string, change: OverrideChange, nowMs: number): void {
  const alloc = tx.alloc(allocId);
  if (!alloc) throw new SerinError('lookupFailed', `unknown alloc "${allocId}"`);
  if (isClientTerminal(alloc)) throw new SerinError('refused', `allocation "${allocId}" has ended`);
  const { Ingress: before = {}, ...row } = alloc;
  const after = changed(tx, alloc, before, change);
  const isEmpty = Object.keys(after).length === 0;
  tx.putAlloc(
    { ...row, ModifyTime: nanosOf(nowMs), ...(!isEmpty && { Ingress: after }) },
    // The node waits for the ingresses' word when such an instance stops.
    { serverSide: true },
  );
}

function changed(tx: ReadTx, alloc: Allocation, before: IngressOverride, change: OverrideChange): IngressOverride {
  const group = groupOf(tx, alloc);
  switch (change.kind) {
    case 'drain':
      refuseOutside(group, alloc);
      return { ...before, Drained: true };
    case 'ready': {
      const { Drained: _, Weight: __, ...rest } = before;
      return rest;
    }
    case 'weight':
      refuseOutside(group, alloc);
      return withWeight(before, change.percent);
    case 'add':
      refuseAdding(tx, group, alloc, change.backend);
      return { ...before, Backends: [...new Set([...(before.Backends ?? []), change.backend])] };
    case 'remove':
      return withoutBackend(before, change.backend);
  }
}

function withWeight({ Weight: _, ...before }: IngressOverride, percent: number): IngressOverride {
  if (!(percent >= 0 && percent <= MOST)) {
    throw new SerinError('badRequest', `Weight must be a percentage between 0 and ${MOST}, not ${percent}`);
  }
  return percent === ORDINARY ? before : { ...before, Weight: percent };
}

const ORDINARY = 100;
const MOST = 256;

function withoutBackend({ Backends = [], ...before }: IngressOverride, backend: string): IngressOverride {
  if (!Backends.includes(backend)) {
    const there = Backends.length === 0 ? 'it was added to none' : `it was added to ${Backends.join(', ')}`;
    throw new SerinError('refused', `the instance was not added to "${backend}" by hand: ${there}`);
  }
  const rest = Backends.filter((each) => each !== backend);
  return { ...before, ...(rest.length > 0 && { Backends: rest }) };
}

function refuseOutside(group: TaskGroup | undefined, alloc: Allocation): void {
  if (group && takesRequests(group, alloc)) return;
  throw new SerinError(
    'refused',
    `allocation "${alloc.ID}" stands behind no ingress: its group "${alloc.TaskGroup}" has no service with an ingress block`,
  );
}

function refuseAdding(tx: ReadTx, group: TaskGroup | undefined, alloc: Allocation, backend: string): void {
  const known = backendIds(tx);
  if (!known.includes(backend)) {
    const there = known.length === 0 ? 'there is none' : `there are: ${known.join(', ')}`;
    throw new SerinError('refused', `no pool "${backend}"; ${there}`);
  }
  if (!group || addedPort(group, alloc) === undefined) {
    throw new SerinError('refused', `allocation "${alloc.ID}" has no port that an ingress could send requests to`);
  }
}

/** "namespace/job/service" of every service with an ingress that a running job has. */
function backendIds(tx: ReadTx): string[] {
  const ids = [...tx.jobs()].flatMap((job) =>
    job.Stop
      ? []
      : job.TaskGroups.flatMap((group) =>
          ingressServices(group).map((service) => `${job.Namespace}/${job.ID}/${service.Name}`),
        ),
  );
  return [...new Set(ids)].sort();
}

function groupOf(tx: ReadTx, alloc: Allocation): TaskGroup | undefined {
  const job = tx.jobVersion(alloc.Namespace, alloc.JobID, alloc.JobVersion);
  return job && findGroup(job, alloc.TaskGroup);
}
