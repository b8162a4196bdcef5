/** The services of an allocation as its node sees them. Pure. */
import type { AllocCheckStatus, AllocServiceStatus } from '../model/allocation.ts';
import type { TaskGroup } from '../model/job.ts';
import type { AllocatedPort } from '../model/network.ts';
import type { Service, ServiceCheck } from '../model/service.ts';
import { type CheckState, isGood } from './check-state.ts';

/** A service, and the tasks that must run for it. */
export interface PlacedService {
  readonly service: Service;
  readonly tasks: readonly string[];
}

/** Those of the group, then those of its tasks. A group's service needs all main tasks, unless it names one. */
export function servicesOf(group: TaskGroup): PlacedService[] {
  const main = group.Tasks.filter((task) => task.Lifecycle === null).map((task) => task.Name);
  return [
    ...(group.Services ?? []).map((service) => ({
      service,
      tasks: service.TaskName === '' ? main : [service.TaskName],
    })),
    ...group.Tasks.flatMap((task) => (task.Services ?? []).map((service) => ({ service, tasks: [task.Name] }))),
  ];
}

export const hasIngress = (group: TaskGroup): boolean =>
  servicesOf(group).some(({ service }) => (service.Ingress ?? []).length > 0);

/** The name of a check, or one made of its service's. */
export const checkName = (service: Service, check: ServiceCheck): string =>
  check.Name || `service: "${service.Name}" check`;

export const checkKey = (service: Service, check: ServiceCheck, at: number): string =>
  `${service.Name}/${service.PortLabel}/${at}/${checkName(service, check)}`;

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** A label of the allocation's ports, or a number. */
export function endpointOf(label: string, ports: readonly AllocatedPort[], nodeAddress: string): Endpoint {
  const port = ports.find((each) => each.Label === label);
  if (port !== undefined) return { address: reachableAddress(port.HostIP, nodeAddress), port: port.Value };
  return { address: nodeAddress, port: /^\d+$/.test(label) ? Number(label) : 0 };
}

/** Why nothing can be asked there, as the label stands in the job file; undefined: it can. */
export function describeMissingPort(label: string, ports: readonly AllocatedPort[]): string | undefined {
  if (ports.some((port) => port.Label === label) || /^[1-9]\d*$/.test(label)) return undefined;
  const known = ports.map((port) => JSON.stringify(port.Label)).join(', ') || 'none';
  return `port ${JSON.stringify(label)} is not one of the group's network (${known}): add it there, or name another`;
}

/** Where a port is reached that is offered on this address of the machine. */
export const reachableAddress = (hostIp: string, nodeAddress: string): string =>
  hostIp === '' || hostIp === '0.0.0.0' || hostIp === '::' ? nodeAddress : hostIp;

export interface ServiceFacts {
  readonly group: TaskGroup;
  readonly ports: readonly AllocatedPort[];
  readonly nodeAddress: string;
  readonly isRunning: (task: string) => boolean;
  readonly check: (key: string) => CheckState | undefined;
  readonly draining: boolean;
}

export function serviceStatuses(facts: ServiceFacts, { withHistory = false } = {}): AllocServiceStatus[] {
  return servicesOf(facts.group).map(({ service, tasks }) => {
    const { address, port } = endpointOf(service.PortLabel, facts.ports, facts.nodeAddress);
    const checks = (service.Checks ?? []).map((check, at) =>
      checkStatus(service, check, facts.check(checkKey(service, check, at)), withHistory),
    );
    const areGood = checks.every(({ Status }, at) => isGood(Status, service.Checks![at]!));
    const passing = tasks.every(facts.isRunning) && areGood;
    return {
      Service: service.Name,
      PortLabel: service.PortLabel,
      Address: address,
      Port: port,
      Status: facts.draining ? 'draining' : passing ? 'passing' : 'critical',
      Checks: checks,
    };
  });
}

function checkStatus(
  service: Service,
  check: ServiceCheck,
  state: CheckState | undefined,
  withHistory: boolean,
): AllocCheckStatus {
  return {
    Check: checkName(service, check),
    Status: state?.status ?? 'pending',
    Output: state?.output ?? '',
    TimestampMs: state?.timestampMs ?? 0,
    ...(state?.passingSinceMs !== undefined && { PassingSinceMs: state.passingSinceMs }),
    ...(state && timesOf(state)),
    ...(check.Readiness && { Readiness: true as const, ...(state?.response && { Response: state.response }) }),
    ...(withHistory && { History: [...(state?.history ?? [])] }),
  };
}

/** While it passes, the last look that did is not told: each would be news, and `PassingSinceMs` says enough. */
function timesOf(state: CheckState): Partial<AllocCheckStatus> {
  const { status, output, failures, firstPassMs, lastPassMs, lastFailMs, lastFailOutput } = state;
  return {
    ...(failures > 0 && { Failures: failures }),
    ...(firstPassMs !== undefined && { FirstPassMs: firstPassMs }),
    ...(lastPassMs !== undefined && status !== 'passing' && { LastPassMs: lastPassMs }),
    ...(lastFailMs !== undefined && { LastFailMs: lastFailMs }),
    ...(lastFailOutput !== undefined && lastFailOutput !== output && { LastFailOutput: lastFailOutput }),
  };
}
