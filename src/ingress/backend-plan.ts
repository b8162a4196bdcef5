/**
 * The backends of the routing table: the services of one name in all groups and versions of a job, with the instances
 * behind them. Old versions count as long as instances of them do: a changed route or check breaks nobody in flight.
 */
import { msFromNanos } from '../lib/duration.ts';
import { type Allocation, isClientTerminal } from '../model/allocation.ts';
import type { Deployment } from '../model/deployment.ts';
import type { Backend, BackendCheck, BackendServer, Pool } from '../model/ingress.ts';
import { ingressServices } from '../model/ingress-services.ts';
import type { Job } from '../model/job.ts';
import type { Service, ServiceCheck, ServiceIngress } from '../model/service.ts';
import { compareText } from './route-match.ts';
import type { RoutingInput } from './routing-input.ts';
import { placeOf, stateOf } from './server-plan.ts';

export interface BackendPlan {
  readonly backend: Backend;
  readonly jobCreateIndex: number;
  /** The ways in of all versions that have instances, each once. */
  readonly ways: readonly ServiceIngress[];
}

/** A service with ingress as one job version has it, and the group that it stands in. */
interface Offer {
  readonly job: Job;
  readonly group: string;
  readonly service: Service;
  readonly isCurrent: boolean;
}

interface Instance {
  readonly offer: Offer;
  readonly server: BackendServer;
  readonly role: Role;
}

/** `green`: a canary of a whole second set, which gets nothing until it is promoted. */
type Role = 'stable' | 'canary' | 'green';

interface Draft {
  readonly id: string;
  readonly name: string;
  readonly offers: Set<Offer>;
  readonly instances: Instance[];
}

export function planBackends(input: RoutingInput): BackendPlan[] {
  const drafts = new Map<string, Draft>();
  for (const job of input.jobs) if (!job.Stop) for (const offer of offersOf(job, true)) addOffer(drafts, offer);
  const deployments = new Map([...input.deployments].map((deployment) => [deployment.ID, deployment]));
  const offers = offerLookup(input);
  for (const alloc of input.allocs) {
    if (isClientTerminal(alloc)) continue;
    for (const offer of offers(alloc)) addInstance(drafts, alloc, offer, roleOf(alloc, deployments));
  }
  return [...drafts.values()].map(planOf);
}

/** One look at each job version, however many allocations it has; those of one group mostly come in a row. */
function offerLookup({ jobVersion }: RoutingInput): (alloc: Allocation) => readonly Offer[] {
  const known = new Map<string, readonly Offer[]>();
  let before: Allocation | undefined;
  let offers: readonly Offer[] = [];
  return (alloc) => {
    if (before !== undefined && isOfSameGroup(before, alloc)) return offers;
    before = alloc;
    const key = `${alloc.JobVersion} ${alloc.TaskGroup} ${alloc.Namespace}/${alloc.JobID}`;
    offers = known.get(key) ?? offersOfAlloc(alloc, jobVersion);
    known.set(key, offers);
    return offers;
  };
}

const isOfSameGroup = (a: Allocation, b: Allocation): boolean =>
  a.JobID === b.JobID && a.JobVersion === b.JobVersion && a.TaskGroup === b.TaskGroup && a.Namespace === b.Namespace;

function offersOfAlloc(alloc: Allocation, jobVersion: RoutingInput['jobVersion']): readonly Offer[] {
  const job = jobVersion(alloc.Namespace, alloc.JobID, alloc.JobVersion);
  return job === undefined ? [] : offersOf(job, false).filter(({ group }) => group === alloc.TaskGroup);
}

function offersOf(job: Job, isCurrent: boolean): Offer[] {
  return job.TaskGroups.flatMap((group) =>
    ingressServices(group).map((service) => ({ job, group: group.Name, service, isCurrent })),
  );
}

function addOffer(drafts: Map<string, Draft>, offer: Offer): Draft {
  const id = `${offer.job.Namespace}/${offer.job.ID}/${offer.service.Name}`;
  const draft = drafts.get(id) ?? { id, name: offer.service.Name, offers: new Set<Offer>(), instances: [] };
  drafts.set(id, draft);
  draft.offers.add(offer);
  return draft;
}

function addInstance(drafts: Map<string, Draft>, alloc: Allocation, offer: Offer, role: Role): void {
  const state = stateOf(alloc, offer.service);
  const place = state === undefined ? undefined : placeOf(alloc, offer.service);
  if (state === undefined || place === undefined) return;
  const server = { AllocID: alloc.ID, ...place, Version: alloc.JobVersion, State: state };
  addOffer(drafts, offer).instances.push({ offer, server, role });
}

/** As many canaries as instances is blue/green. The deployment remembers what was wanted when it began. */
function roleOf(alloc: Allocation, deployments: ReadonlyMap<string, Deployment>): Role {
  if (alloc.DeploymentStatus?.Canary !== true) return 'stable';
  const state = deployments.get(alloc.DeploymentID)?.TaskGroups[alloc.TaskGroup];
  if (state?.Promoted === true) return 'stable';
  return state !== undefined && state.DesiredCanaries >= state.DesiredTotal ? 'green' : 'canary';
}

function planOf(draft: Draft): BackendPlan {
  const offers = [...draft.offers].sort(compareOffers);
  const leading = offers[0]!;
  const way = leading.service.Ingress![0]!;
  const backend: Backend = {
    ID: draft.id,
    Service: draft.name,
    HoldMs: msFromNanos(way.Hold),
    DrainDeadlineMs: msFromNanos(way.DrainDeadline),
    Pools: [],
    Check: checkOf(leading.service),
  };
  backend.Pools = poolsOf(draft.instances, backend.Check);
  return { backend, jobCreateIndex: leading.job.CreateIndex, ways: distinctWays(offers) };
}

/** What the job says now comes first, then the newest version that still has instances. */
function compareOffers(a: Offer, b: Offer): number {
  return (
    Number(b.isCurrent) - Number(a.isCurrent) || b.job.Version - a.job.Version || compareText(a.group, b.group) || 0
  );
}

function distinctWays(offers: readonly Offer[]): ServiceIngress[] {
  const ways = new Map<string, ServiceIngress>();
  for (const { service } of offers) {
    for (const way of service.Ingress!) {
      const key = `${way.Listen} ${way.Mode} ${way.Host} ${way.Path}`;
      if (!ways.has(key)) ways.set(key, way);
    }
  }
  return [...ways.values()];
}

/** Without a weight of its own a canary gets its share by count: one of five instances, 20%; a green set gets nothing. */
function poolsOf(instances: readonly Instance[], backendCheck: BackendCheck | null): Pool[] {
  const servers = distinctServers(instances, backendCheck);
  const canaries = servers.filter(({ role }) => role !== 'stable').map(({ server }) => server);
  const stable = servers.filter(({ role }) => role === 'stable').map(({ server }) => server);
  const [canaryReady, stableReady] = [countReady(canaries), countReady(stable)];
  const isClosed = canaryReady === 0 || servers.some(({ role }) => role === 'green');
  const share = isClosed ? 0 : (100 * canaryReady) / (canaryReady + stableReady);
  const pools: Pool[] = [{ Name: 'stable', Weight: 100 - share, Servers: stable }];
  if (canaries.length > 0) pools.push({ Name: 'canary', Weight: share, Servers: canaries });
  return pools;
}

const countReady = (servers: readonly BackendServer[]): number =>
  servers.filter(({ State }) => State === 'ready').length;

/** Two services of one name at one port of an instance are one server; it drains when either says so. */
function distinctServers(instances: readonly Instance[], backendCheck: BackendCheck | null): Instance[] {
  const byKey = new Map<string, Instance>();
  const ownCheck = ownCheckLookup(backendCheck);
  for (const instance of instances.toSorted(compareInstances)) {
    const key = `${instance.server.AllocID}:${instance.server.Port}`;
    if (!byKey.has(key)) byKey.set(key, withCheck(instance, ownCheck(instance.offer)));
  }
  return [...byKey.values()];
}

/** The check of a version where it is not the backend's; undefined where it is. Looked at once a version. */
function ownCheckLookup(backendCheck: BackendCheck | null): (offer: Offer) => BackendCheck | null | undefined {
  const known = new Map<Offer, BackendCheck | null | undefined>();
  return (offer) => {
    if (!known.has(offer)) {
      const check = checkOf(offer.service);
      known.set(offer, JSON.stringify(check) === JSON.stringify(backendCheck) ? undefined : check);
    }
    return known.get(offer);
  };
}

function withCheck(instance: Instance, check: BackendCheck | null | undefined): Instance {
  return check === undefined ? instance : { ...instance, server: { ...instance.server, Check: check } };
}

function compareInstances(a: Instance, b: Instance): number {
  return (
    compareText(a.server.AllocID, b.server.AllocID) ||
    a.server.Port - b.server.Port ||
    compareText(a.server.State, b.server.State) ||
    compareText(JSON.stringify(a.offer.service), JSON.stringify(b.offer.service))
  );
}

/** The first check that can be made from outside the instance; none: connecting is enough. */
function checkOf(service: Service): BackendCheck | null {
  const check = (service.Checks ?? []).find((each) => canBeMadeHere(each, service));
  if (check === undefined) return null;
  return {
    Type: check.Type === 'http' ? 'http' : 'tcp',
    Path: check.Path,
    Method: check.Method || (check.Type === 'http' ? 'GET' : ''),
    IntervalMs: msFromNanos(check.Interval),
    TimeoutMs: msFromNanos(check.Timeout),
  };
}

/** Checks of another port, over TLS, or with headers or a body stay the node's alone. */
function canBeMadeHere(check: ServiceCheck, service: Service): boolean {
  if (check.PortLabel !== '' && check.PortLabel !== service.PortLabel) return false;
  if (check.Type === 'tcp') return true;
  const isPlain = Object.keys(check.Header ?? {}).length === 0 && !check.Body && check.Protocol !== 'https';
  return check.Type === 'http' && isPlain;
}
