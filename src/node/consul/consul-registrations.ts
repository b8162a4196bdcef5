/**
 * What an allocation's services look like in Consul. Pure. Every id begins with the node's own: what another node, another
 * program or a person has registered with the same Consul agent is none of ours.
 */
import { createHash } from 'node:crypto';
import { formatDuration, nanosFromMs } from '../../lib/duration.ts';
import type { TaskGroup } from '../../model/job.ts';
import type { AllocatedPort } from '../../model/network.ts';
import type { Service, ServiceCheck } from '../../model/service.ts';
import { hostOf } from '../check-probe.ts';
import type { CheckState } from '../check-state.ts';
import { interpolateAll, type Lookup } from '../interpolate.ts';
import { checkKey, checkName, endpointOf, servicesOf } from '../service-status.ts';
import type { ConsulCheckDefinition, ConsulRegistration, ConsulStatus } from './consul-api.ts';
import { isMadeHere, isTold } from './consul-rules.ts';

export interface RegistrationFacts {
  readonly nodeId: string;
  readonly allocId: string;
  readonly group: TaskGroup;
  readonly ports: readonly AllocatedPort[];
  readonly nodeAddress: string;
  readonly isCanary: boolean;
  /** Its set was replaced and is kept warm: nobody is to be sent there. */
  readonly isResting: boolean;
  readonly usesConsul: (service: Service) => boolean;
  readonly isRunning: (task: string) => boolean;
  readonly lookupFor: (task: string) => Lookup;
  /** As it was known last: what Consul begins with where it has forgotten. */
  readonly check: (key: string) => CheckState | undefined;
}

export interface WantedService {
  readonly registration: ConsulRegistration;
  readonly isResting: boolean;
}

export const idPrefixOf = (nodeId: string): string => `_serin-${nodeId}-`;

export const serviceIdOf = (nodeId: string, allocId: string, service: Service): string =>
  `${idPrefixOf(nodeId)}${allocId}-${service.Name}-${service.PortLabel}`;

/** Names of checks hold quotes and slashes, and an id stands in URLs. */
export const checkIdOf = (nodeId: string, allocId: string, key: string): string =>
  `${idPrefixOf(nodeId)}${allocId}-check-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;

export function wantedServices(facts: RegistrationFacts): WantedService[] {
  return servicesOf(facts.group)
    .filter(({ service, tasks }) => facts.usesConsul(service) && tasks.every(facts.isRunning))
    .map(({ service, tasks }) => ({
      registration: registrationOf(service, tasks[0] ?? '', facts),
      isResting: facts.isResting,
    }));
}

function registrationOf(service: Service, task: string, facts: RegistrationFacts): ConsulRegistration {
  const { nodeId, allocId, ports, nodeAddress, isCanary } = facts;
  const known = interpolateAll(service, facts.lookupFor(task));
  const { address, port } = endpointOf(service.PortLabel, ports, nodeAddress);
  return {
    ID: serviceIdOf(nodeId, allocId, service),
    Name: known.Name,
    Tags: chosen(isCanary, known.CanaryTags, known.Tags) ?? [],
    Meta: { ...chosen(isCanary, known.CanaryMeta, known.Meta), 'external-source': 'serin' },
    Address: address,
    Port: port,
    EnableTagOverride: service.EnableTagOverride,
    Checks: (service.Checks ?? []).flatMap((check, at) => {
      if (!isTold(check)) return [];
      const key = checkKey(service, check, at);
      const id = checkIdOf(nodeId, allocId, key);
      const own = interpolateAll(check, facts.lookupFor(check.TaskName || task));
      const place = endpointOf(check.PortLabel || service.PortLabel, ports, nodeAddress);
      return {
        CheckID: id,
        Name: checkName(service, check),
        Status: statusOf(facts.check(key)),
        ...probeOf(own, place),
      };
    }),
  };
}

/** What is there for canaries, if anything is. */
function chosen<T extends object>(isCanary: boolean, canary: T | null, plain: T | null): T | null {
  return isCanary && canary !== null && Object.keys(canary).length > 0 ? canary : plain;
}

export const statusOf = (state: CheckState | undefined): ConsulStatus =>
  state === undefined || state.status === 'pending' ? 'critical' : state.status;

function probeOf(
  check: ServiceCheck,
  { address, port }: { readonly address: string; readonly port: number },
): Partial<ConsulCheckDefinition> {
  const place = `${hostOf(address)}:${port}`;
  if (isMadeHere(check)) return { TTL: ttlOf(check) };
  return { ...targetOf(check, place), ...paceOf(check) };
}

function targetOf(check: ServiceCheck, place: string): Partial<ConsulCheckDefinition> {
  if (check.Type === 'tcp') return { TCP: place };
  if (check.Type === 'grpc') {
    const GRPC = check.GRPCService === '' ? place : `${place}/${check.GRPCService}`;
    return { GRPC, GRPCUseTLS: check.GRPCUseTLS, TLSSkipVerify: check.TLSSkipVerify };
  }
  const scheme = check.Protocol === 'https' ? 'https' : 'http';
  return {
    HTTP: `${scheme}://${place}${check.Path || '/'}`,
    Method: check.Method || 'GET',
    Header: check.Header ?? {},
    Body: check.Body,
    TLSSkipVerify: check.TLSSkipVerify,
  };
}

const paceOf = (check: ServiceCheck): Partial<ConsulCheckDefinition> => ({
  Interval: formatDuration(check.Interval),
  Timeout: formatDuration(check.Timeout),
  SuccessBeforePassing: check.SuccessBeforePassing,
  FailuresBeforeCritical: check.FailuresBeforeCritical,
  ...(check.FailuresBeforeWarning !== undefined && { FailuresBeforeWarning: check.FailuresBeforeWarning }),
});

/** An agent that is replaced, or a machine that is busy, is given the time to go on. */
const TTL_SLACK_MS = 30_000;
const ttlOf = (check: ServiceCheck): string =>
  formatDuration(check.Interval + check.Timeout + nanosFromMs(TTL_SLACK_MS));
