/** How one instance stands in a deployment: a state and one clause. Pure; an ordered table, the first rule decides. */
import { msFromNanos } from '../lib/duration.ts';
import type { Allocation } from '../model/allocation.ts';
import type { InstanceState } from '../model/deployment-explanation.ts';
import { disconnectedWords } from '../model/disconnect.ts';
import { type IngressReport, serverKey } from '../model/ingress.ts';
import { ingressPorts, ingressServices } from '../model/ingress-services.ts';
import type { TaskGroup } from '../model/job.ts';
import { checkTrouble, instanceTrouble, nameOf, taskTrouble, unhealthyWords } from './instance-trouble.ts';
import { timeWords } from './time-words.ts';

/** What an ingress says, as far as it explains something. */
export type IngressSaying = Pick<IngressReport, 'Name' | 'Problems'> & Partial<Pick<IngressReport, 'Servers'>>;

export interface InstanceSituation {
  readonly alloc: Allocation;
  readonly deploymentId: string;
  /** The group as the instance's own version has it. */
  readonly group: TaskGroup | undefined;
  readonly ingresses: readonly IngressSaying[];
  /** When a lost or failed one is replaced; 0: not known. */
  readonly retryAtMs: number;
  readonly nowMs: number;
}

export interface InstanceFinding {
  readonly state: InstanceState;
  readonly message: string;
}

type Rule = (situation: InstanceSituation) => InstanceFinding | undefined;

const RULES: readonly Rule[] = [
  ended,
  stopping,
  onLostNode,
  ofBefore,
  judgedUnhealthy,
  restarting,
  notStarted,
  failingCheck,
  waitingForIngress,
  judgedHealthy,
  waitingForJudge,
];

export function instanceState(situation: InstanceSituation): InstanceFinding {
  for (const rule of RULES) {
    const finding = rule(situation);
    if (finding) return finding;
  }
  return proving(situation);
}

/** What is wrong with an instance, whoever knows best: its tasks, its checks, an ingress, at last its node's judgement. */
export function troubleOf(situation: InstanceSituation): string | undefined {
  const { alloc } = situation;
  const judged = alloc.DeploymentStatus?.Healthy === false ? unhealthyWords(alloc) : undefined;
  return instanceTrouble(alloc) ?? ingressTrouble(situation) ?? judged;
}

/** An ingress that owes its word: it has yet to take an instance that serves, or to finish with one that stops. */
export const isOwed = ({ DesiredStatus, Traffic, Services }: Allocation): boolean =>
  Traffic !== undefined &&
  Traffic.Owing.length > 0 &&
  (DesiredStatus === 'run'
    ? !Traffic.Ready && (Services ?? []).some((service) => service.Status === 'passing')
    : !Traffic.Drained);

/** The first complaint of an owing ingress about a port that the instance's services come in by. */
export function ingressProblem(
  alloc: Pick<Allocation, 'Traffic'>,
  group: TaskGroup | undefined,
  ingresses: readonly IngressSaying[],
): { readonly Listen: number; readonly Message: string } | undefined {
  if (!group) return undefined;
  const ports = ingressServices(group).flatMap((service) => (service.Ingress ?? []).map(({ Listen }) => Listen));
  return ingresses
    .filter(({ Name }) => alloc.Traffic?.Owing.includes(Name))
    .flatMap(({ Problems = [] }) => Problems)
    .find(({ Listen }) => ports.includes(Listen));
}

function ended({ alloc, retryAtMs, nowMs }: InstanceSituation): InstanceFinding | undefined {
  const { ClientStatus } = alloc;
  if (ClientStatus !== 'failed' && ClientStatus !== 'lost' && ClientStatus !== 'complete') return undefined;
  const next = retryAtMs > nowMs ? `; another is placed in ${timeWords(retryAtMs - nowMs)}` : '';
  if (ClientStatus === 'lost') return { state: 'lost', message: `lost: node ${alloc.NodeName} is down${next}` };
  const how = ClientStatus === 'complete' ? 'ended' : 'failed';
  return { state: 'failed', message: `${taskTrouble(alloc) ?? how}${next}` };
}

function onLostNode({ alloc, nowMs }: InstanceSituation): InstanceFinding | undefined {
  if (!alloc.Disconnected || alloc.DesiredStatus !== 'run') return undefined;
  return { state: 'lost', message: disconnectedWords(alloc.NodeName, alloc.Disconnected, nowMs) };
}

function stopping(situation: InstanceSituation): InstanceFinding | undefined {
  const { alloc } = situation;
  if (alloc.DesiredStatus === 'run') return undefined;
  return { state: 'draining', message: drainWords(situation) };
}

/** The number only where an ingress said it. */
function drainWords({ alloc, group, ingresses }: InstanceSituation): string {
  if (!alloc.Traffic || alloc.Traffic.Drained) return 'stops';
  const ports = group ? ingressPorts(group, alloc) : [];
  const told = ingresses.flatMap(({ Name, Servers }) => {
    const count = ports.reduce((sum, port) => sum + (Servers?.[serverKey(alloc.ID, port)]?.InFlight ?? 0), 0);
    return count > 0 ? [`${count} request${count === 1 ? '' : 's'} in flight at ${Name}`] : [];
  });
  if (told.length > 0) return `drains: ${told.join(', ')}`;
  const { Owing } = alloc.Traffic;
  return Owing.length > 0 ? `drains: waits for the word of ingress ${Owing.join(', ')}` : 'drains';
}

function ofBefore({ alloc, deploymentId, nowMs }: InstanceSituation): InstanceFinding | undefined {
  if (alloc.DeploymentID === deploymentId) return undefined;
  const warmMs = (alloc.RestsUntilMs ?? 0) - nowMs;
  if (warmMs > 0) return { state: 'warm', message: `kept warm for ${timeWords(warmMs)} more; gets no requests` };
  return { state: 'old', message: instanceTrouble(alloc) ?? 'runs as before' };
}

/** One that was judged unhealthy stays so, whatever its tasks do since. */
function judgedUnhealthy(situation: InstanceSituation): InstanceFinding | undefined {
  if (situation.alloc.DeploymentStatus?.Healthy !== false) return undefined;
  const why = troubleOf(situation);
  return { state: 'unhealthy', message: `did not become healthy in time${why ? `: ${why}` : ''}` };
}

function restarting({ alloc }: InstanceSituation): InstanceFinding | undefined {
  const trouble = taskTrouble(alloc);
  return trouble === undefined ? undefined : { state: 'restarting', message: trouble };
}

function notStarted({ alloc }: InstanceSituation): InstanceFinding | undefined {
  if (alloc.ClientStatus !== 'pending') return undefined;
  const received = Object.values(alloc.TaskStates ?? {}).some(({ Events }) => Events.length > 0);
  if (alloc.AwaitsPrevious && !received) {
    return { state: 'starting', message: 'starts when its predecessor has ended: there is no room for both' };
  }
  return {
    state: 'starting',
    message: received ? 'its tasks are being started' : `waits for node ${alloc.NodeName} to start it`,
  };
}

function failingCheck({ alloc }: InstanceSituation): InstanceFinding | undefined {
  const trouble = checkTrouble(alloc);
  if (trouble !== undefined) return { state: 'check', message: trouble };
  const pending = (alloc.Services ?? []).flatMap(({ Checks }) => Checks).find(({ Status }) => Status === 'pending');
  return pending && { state: 'starting', message: `check ${nameOf(pending.Check)} has not answered yet` };
}

function waitingForIngress(situation: InstanceSituation): InstanceFinding | undefined {
  const message = ingressTrouble(situation);
  return message === undefined ? undefined : { state: 'ingress', message };
}

function ingressTrouble({ alloc, group, ingresses }: InstanceSituation): string | undefined {
  if (alloc.DesiredStatus !== 'run' || !isOwed(alloc)) return undefined;
  const problem = ingressProblem(alloc, group, ingresses);
  return `waits for ingress ${alloc.Traffic?.Owing.join(', ')}${problem ? `: it ${problem.Message}` : ''}`;
}

function judgedHealthy({ alloc }: InstanceSituation): InstanceFinding | undefined {
  return alloc.DeploymentStatus?.Healthy === true ? { state: 'healthy', message: 'healthy' } : undefined;
}

function waitingForJudge({ group }: InstanceSituation): InstanceFinding | undefined {
  if (group?.Update?.HealthCheck !== 'manual') return undefined;
  return { state: 'manual', message: 'waits for somebody to judge it (health_check = "manual")' };
}

function proving(situation: InstanceSituation): InstanceFinding {
  const { group, nowMs } = situation;
  const wantedMs = msFromNanos(group?.Update?.MinHealthyTime ?? 0);
  const sinceMs = healthySince(situation);
  if (sinceMs === undefined) return { state: 'proving', message: `must be healthy for ${timeWords(wantedMs)}` };
  const forMs = Math.min(wantedMs, Math.max(0, nowMs - sinceMs));
  return { state: 'proving', message: `healthy for ${timeWords(forMs)} of ${timeWords(wantedMs)}` };
}

/** Since when tasks run, checks pass and ingresses are ready; undefined where one of them has not said. */
function healthySince({ alloc, group }: InstanceSituation): number | undefined {
  const tasks = Object.values(alloc.TaskStates ?? {}).filter(({ State }) => State === 'running');
  const checks = group?.Update?.HealthCheck === 'checks' ? (alloc.Services ?? []).flatMap(({ Checks }) => Checks) : [];
  const times = [
    ...tasks.map(({ StartedAt }) => (StartedAt === null ? undefined : Date.parse(StartedAt))),
    ...checks.map(({ PassingSinceMs }) => PassingSinceMs),
    ...(alloc.Traffic?.Ready ? [alloc.Traffic.ChangedMs] : []),
  ];
  if (tasks.length === 0 || times.includes(undefined)) return undefined;
  return Math.max(...(times as number[]));
}
