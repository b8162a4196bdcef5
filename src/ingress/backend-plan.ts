/**
 * The backends of the routing table: the services of one name in all groups and versions of a job, with the instances
 * behind them. Old versions count as long as instances of them do: a changed route or check breaks nobody in flight.
 */
import { msFromNanos } from '../lib/duration.ts';
import { type Allocation, isClientTerminal } from '../model/allocation.ts';
import type { Backend, BackendCheck, BackendServer } from '../model/ingress.ts';
import { ingressServices } from '../model/ingress-services.ts';
import type { Job } from '../model/job.ts';
import type { Service, ServiceCheck, ServiceIngress } from '../model/service.ts';
import { type AllocRole, allocRoles, type Candidate } from './alloc-roles.ts';
import { backendNames } from './backend-names.ts';
import { settingsOf, speechOf } from './backend-settings.ts';
import { type Guest, guestsOf, withOverride } from './by-hand.ts';
import { drainedColours, type SharedBackends, sharedBackends } from './deployment-groups.ts';
import { type PoolMember, poolsOf } from './pools.ts';
import { previewOf } from './preview.ts';
import { compareText } from './route-match.ts';
import type { RoutingInput } from './routing-input.ts';
import { placeOf, stateOf } from './server-plan.ts';

export interface BackendPlan {
  readonly backend: Backend;
  readonly jobCreateIndex: number;
  /** The ways in of all versions that have instances, each once. */
  readonly ways: readonly ServiceIngress[];
  /** What a preview leads to: the canaries alone. */
  readonly preview: Backend;
}

/** A service with ingress as one job version has it, and the group that it stands in. */
interface Offer {
  readonly job: Job;
  readonly group: string;
  readonly service: Service;
  /** The backend's. */
  readonly name: string;
  /** The key of the backend that it shares with other apps of its deployment group. */
  readonly shared: string | undefined;
  readonly isCurrent: boolean;
}

interface Instance extends PoolMember {
  readonly offer: Offer;
}

interface Served extends Candidate {
  readonly offers: readonly Offer[];
  /** Behind each of them. */
  readonly states: readonly (BackendServer['State'] | undefined)[];
}

interface Draft {
  readonly name: string;
  readonly offers: Set<Offer>;
  readonly instances: Instance[];
}

export function planBackends(input: RoutingInput): BackendPlan[] {
  const drafts = new Map<string, Draft>();
  const shared = sharedBackends(input.jobs);
  for (const job of input.jobs) if (!job.Stop) for (const offer of offersOf(job, shared)) addOffer(drafts, offer);
  const { candidates, added } = candidatesOf(input, shared);
  const roles = withDrainedColours(allocRoles(input, candidates), drainedColours(input.jobs, candidates));
  for (const candidate of candidates) addInstances(drafts, candidate, roles(candidate.alloc));
  for (const guest of guestsOf(added, input.jobVersion)) addGuest(drafts, guest);
  return [...drafts.values()].map(planOf);
}

/** Marathon's old colour gives its place up, instance by instance; it is there until somebody stops it. */
function withDrainedColours(
  roles: ReturnType<typeof allocRoles>,
  drained: ReadonlySet<string>,
): ReturnType<typeof allocRoles> {
  if (drained.size === 0) return roles;
  return (alloc) => (drained.has(alloc.ID) ? { ...roles(alloc), role: 'resting' } : roles(alloc));
}

/** Those that some service may send requests to, or may have sent some; and those that somebody added to another's. */
function candidatesOf(
  input: RoutingInput,
  shared: SharedBackends,
): { readonly candidates: Served[]; readonly added: Allocation[] } {
  const offersOf = offerLookup(input, shared);
  const candidates: Served[] = [];
  const added: Allocation[] = [];
  for (const alloc of input.allocs) {
    if (alloc.Ingress?.Backends !== undefined) added.push(alloc);
    const offers = isClientTerminal(alloc) ? [] : offersOf(alloc);
    if (offers.length === 0) continue;
    const states = offers.map(({ service }) => stateOf(alloc, service));
    candidates.push({ alloc, offers, states, isReady: states.every((state) => state === 'ready') });
  }
  return { candidates, added };
}

/** One look at each job version, however many allocations it has; those of one group mostly come in a row. */
function offerLookup(
  { jobs, jobVersion }: RoutingInput,
  shared: SharedBackends,
): (alloc: Allocation) => readonly Offer[] {
  const nameOf = backendNames(jobs);
  const known = new Map<string, readonly Offer[]>();
  let before: Allocation | undefined;
  let offers: readonly Offer[] = [];
  return (alloc) => {
    if (before !== undefined && isOfSameGroup(before, alloc)) return offers;
    before = alloc;
    const key = `${alloc.JobVersion} ${alloc.TaskGroup} ${alloc.Namespace}/${alloc.JobID}`;
    offers = known.get(key) ?? offersOfAlloc(alloc, { jobVersion, nameOf, shared });
    known.set(key, offers);
    return offers;
  };
}

const isOfSameGroup = (a: Allocation, b: Allocation): boolean =>
  a.JobID === b.JobID && a.JobVersion === b.JobVersion && a.TaskGroup === b.TaskGroup && a.Namespace === b.Namespace;

interface Lookups {
  readonly jobVersion: RoutingInput['jobVersion'];
  readonly nameOf: ReturnType<typeof backendNames>;
  readonly shared: SharedBackends;
}

function offersOfAlloc(alloc: Allocation, { jobVersion, nameOf, shared }: Lookups): readonly Offer[] {
  const job = jobVersion(alloc.Namespace, alloc.JobID, alloc.JobVersion);
  const offers = job === undefined ? [] : offersOf(job, shared).filter(({ group }) => group === alloc.TaskGroup);
  return offers.map((offer) => ({ ...offer, name: nameOf(offer.job, offer.service), isCurrent: false }));
}

/** Of the job as it is now. */
function offersOf(job: Job, shared: SharedBackends): Offer[] {
  return job.TaskGroups.flatMap((group) =>
    ingressServices(group).map((service) => {
      const place = { job, group: group.Name, service, name: service.Name };
      return { ...place, shared: shared(job, service), isCurrent: true };
    }),
  );
}

function addOffer(drafts: Map<string, Draft>, offer: Offer): Draft {
  const { name } = offer;
  const key = offer.shared ?? ownId(offer);
  const draft = drafts.get(key) ?? { name, offers: new Set<Offer>(), instances: [] };
  drafts.set(key, draft);
  draft.offers.add(offer);
  return draft;
}

const ownId = ({ job, name }: Offer): string => `${job.Namespace}/${job.ID}/${name}`;

function addInstances(drafts: Map<string, Draft>, { alloc, offers, states }: Served, { role, trial }: AllocRole): void {
  for (const [at, offer] of offers.entries()) {
    const state = states[at];
    const place = state === undefined ? undefined : placeOf(alloc, offer.service);
    if (state === undefined || place === undefined) continue;
    const State = role === 'resting' ? 'draining' : state;
    const kept = State !== state && { IsKept: true as const };
    const speech = speechOf(offer.service.Ingress![0]!);
    const planned = { AllocID: alloc.ID, ...place, Version: alloc.JobVersion, State, ...kept, ...speech };
    const server = withOverride(planned, alloc);
    addOffer(drafts, offer).instances.push({ offer, server, group: alloc.TaskGroup, role, trial });
  }
}

/** Somebody added it by hand; where the backend is gone, or has it anyway, there is nothing to add. */
function addGuest(drafts: ReadonlyMap<string, Draft>, { backendId, alloc, server }: Guest): void {
  const draft = drafts.get(backendId);
  const offer = draft && [...draft.offers].sort(compareOffers)[0];
  if (!draft || !offer || draft.instances.some((each) => each.server.AllocID === alloc.ID)) return;
  const speech = speechOf(offer.service.Ingress![0]!);
  draft.instances.push({
    offer,
    server: { ...server, ...speech },
    group: alloc.TaskGroup,
    role: 'stable',
    trial: undefined,
  });
}

function planOf(draft: Draft): BackendPlan {
  const offers = [...draft.offers].sort(compareOffers);
  const leading = offers[0]!;
  const { ID, Service } = namesOf(draft, leading);
  const backend: Backend = {
    ID,
    Service,
    ...settingsOf(leading.service.Ingress![0]!, ID),
    DrainDeadlineMs: msFromNanos(longestDrain(offers)),
    Pools: [],
    Check: checkOf(leading.service),
  };
  backend.Pools = poolsOf(distinctServers(draft.instances, backend.Check));
  const jobCreateIndex = Math.min(...offers.map(({ job }) => job.CreateIndex));
  return { backend, jobCreateIndex, ways: distinctWays(offers), preview: previewOf(backend) };
}

/** A shared one is called as marathon-lb does: by its group, and the first port of whoever was there first. */
function namesOf({ name, offers }: Draft, leading: Offer): Pick<Backend, 'ID' | 'Service'> {
  const { job, shared } = leading;
  if (shared === undefined) return { ID: ownId(leading), Service: name };
  const [first] = [...offers].sort((a, b) => a.job.CreateIndex - b.job.CreateIndex || compareOffers(a, b));
  const group = shared.slice(job.Namespace.length + 1, shared.lastIndexOf('/'));
  const Service = `${group.replaceAll('/', '_')}_${first!.service.Ingress![0]!.Listen}`;
  return { ID: `${job.Namespace}/${group}/${Service}`, Service };
}

const longestDrain = (offers: readonly Offer[]): number =>
  Math.max(...offers.flatMap(({ service }) => service.Ingress!.map(({ DrainDeadline }) => DrainDeadline)));

/** What jobs say now comes first (of a deployment group the newest app), then the newest version that still has instances. */
function compareOffers(a: Offer, b: Offer): number {
  return (
    Number(b.isCurrent) - Number(a.isCurrent) ||
    b.job.CreateIndex - a.job.CreateIndex ||
    b.job.Version - a.job.Version ||
    compareText(a.group, b.group) ||
    0
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

/** Checks of another port, that end once they pass, over TLS, or with headers, a body or statuses of their own stay the node's alone. */
function canBeMadeHere(check: ServiceCheck, service: Service): boolean {
  if (check.Readiness || (check.PortLabel !== '' && check.PortLabel !== service.PortLabel)) return false;
  if (check.Type === 'tcp') return true;
  const isPlain =
    Object.keys(check.Header ?? {}).length === 0 && !check.Body && check.Protocol !== 'https' && !check.SuccessCodes;
  return check.Type === 'http' && isPlain;
}
