/** /v1/services and /v1/service/:name: the instances that may take traffic now, as template engines and proxies ask. */
import type { Allocation, AllocServiceStatus } from '../../model/allocation.ts';
import type { Job } from '../../model/job.ts';
import type { Service } from '../../model/service.ts';
import type { ReadTx } from '../../state/types.ts';
import { json } from '../answer.ts';
import { answerRead } from '../blocking.ts';
import type { HttpDeps } from '../deps.ts';
import { compareText, inNamespace } from '../list.ts';
import type { Call, Route } from '../route.ts';
import { hasServices } from '../service-change.ts';
import { jobOf } from './job-lookup.ts';

export const serviceRoutes = (deps: HttpDeps): readonly Route[] => [
  { path: '/v1/services', GET: (call) => answerRead(deps, call, WATCH, (tx) => listServices(tx, call)) },
  { path: '/v1/service/:name', GET: (call) => answerRead(deps, call, WATCH, (tx) => readService(tx, call)) },
];

const WATCH = { tables: ['allocs'], relevant: hasServices } as const;

interface Registration {
  readonly ID: string;
  readonly ServiceName: string;
  readonly Namespace: string;
  readonly NodeID: string;
  readonly Datacenter: string;
  readonly JobID: string;
  readonly AllocID: string;
  readonly Tags: readonly string[];
  readonly Address: string;
  readonly Port: number;
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
}

function listServices(tx: ReadTx, call: Call) {
  const byNamespace = new Map<string, Map<string, Set<string>>>();
  for (const each of registrations(tx, call)) {
    const services = computed(byNamespace, each.Namespace, () => new Map<string, Set<string>>());
    const tags = computed(services, each.ServiceName, () => new Set<string>());
    for (const tag of each.Tags) tags.add(tag);
  }
  const value = [...byNamespace].map(([Namespace, services]) => ({
    Namespace,
    Services: [...services]
      .map(([ServiceName, tags]) => ({ ServiceName, Tags: [...tags].sort(compareText) }))
      .sort((a, b) => compareText(a.ServiceName, b.ServiceName)),
  }));
  return { index: indexOf(tx), answer: json(value) };
}

function readService(tx: ReadTx, call: Call) {
  const value = [...registrations(tx, call)].filter((each) => each.ServiceName === call.params.name);
  return { index: indexOf(tx, call.params.name), answer: json(value.sort((a, b) => compareText(a.ID, b.ID))) };
}

/** The last change of an allocation that has, or had, the service; others wake nobody. */
function indexOf(tx: ReadTx, name?: string): number {
  let newest = 0;
  for (const { Services, ModifyIndex } of tx.allocs()) {
    const isIts = Services?.some((each) => name === undefined || each.Service === name);
    if (isIts) newest = Math.max(newest, ModifyIndex);
  }
  return newest === 0 ? tx.tableIndex('allocs') : newest;
}

function* registrations(tx: ReadTx, call: Call): Generator<Registration> {
  for (const alloc of tx.allocs()) {
    if (alloc.Services === undefined || !isServing(alloc) || !inNamespace(call.query, alloc)) continue;
    const job = jobOf(tx, alloc);
    for (const status of alloc.Services) {
      if (status.Status === 'passing') yield registrationOf(tx, alloc, status, job);
    }
  }
}

/** The old set of a promoted blue/green runs, and gets no requests. */
const isServing = ({ ClientStatus, DesiredStatus, RestsUntilMs }: Allocation): boolean =>
  ClientStatus === 'running' && DesiredStatus === 'run' && RestsUntilMs === undefined;

function registrationOf(
  tx: ReadTx,
  alloc: Allocation,
  { Service: name, PortLabel, Address, Port }: AllocServiceStatus,
  job: Job | undefined,
): Registration {
  const service = serviceNamed(job, alloc.TaskGroup, name);
  const isCanary = alloc.DeploymentStatus?.Canary === true && (service?.CanaryTags?.length ?? 0) > 0;
  return {
    ID: `_nomad-task-${alloc.ID}-group-${alloc.TaskGroup}-${name}-${PortLabel}`,
    ServiceName: name,
    Namespace: alloc.Namespace,
    NodeID: alloc.NodeID,
    Datacenter: tx.node(alloc.NodeID)?.Datacenter ?? '',
    JobID: alloc.JobID,
    AllocID: alloc.ID,
    Tags: (isCanary ? service?.CanaryTags : service?.Tags) ?? [],
    Address,
    Port,
    CreateIndex: alloc.CreateIndex,
    ModifyIndex: alloc.ModifyIndex,
  };
}

function serviceNamed(job: Job | undefined, groupName: string, name: string): Service | undefined {
  const group = job?.TaskGroups.find((each) => each.Name === groupName);
  const services = [...(group?.Services ?? []), ...(group?.Tasks ?? []).flatMap((task) => task.Services ?? [])];
  return services.find((service) => service.Name === name);
}

function computed<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const present = map.get(key);
  if (present !== undefined) return present;
  const made = make();
  map.set(key, made);
  return made;
}
