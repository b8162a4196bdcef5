/** The checks of an allocation in the wire's words (/v1/client/allocation/:id/checks), with what else their node knows. Pure. */
import { createHash } from 'node:crypto';
import type { Allocation, AllocCheckResult, AllocCheckStatus } from '../model/allocation.ts';
import type { TaskGroup } from '../model/job.ts';
import type { Service, ServiceCheck } from '../model/service.ts';
import { type CheckState, isGood } from './check-state.ts';
import { checkKey, checkName, servicesOf } from './service-status.ts';

export interface CheckReport {
  readonly ID: string;
  readonly Check: string;
  /** "web.app[0]". */
  readonly Group: string;
  /** "": the service is the group's. */
  readonly Task: string;
  readonly Service: string;
  /** "readiness": a deployment does not look at it. */
  readonly Mode: 'healthiness' | 'readiness';
  readonly Status: 'success' | 'failure' | 'pending';
  /** Of an HTTP answer, else 0. */
  readonly StatusCode: number;
  readonly Output: string;
  /** Of the last look, seconds since the epoch; 0: there was none. */
  readonly Timestamp: number;
  /** Ours, as all below: "http", "tcp", "script", "grpc". */
  readonly Type: string;
  /** `Status` in the words of services: "warning" is none of the three above. */
  readonly CheckStatus: AllocCheckStatus['Status'];
  /** In a row, up to the last look. */
  readonly Successes: number;
  readonly Failures: number;
  /** Newest last; equal results in a row are one. */
  readonly History: readonly AllocCheckResult[];
}

export interface CheckFacts {
  readonly alloc: Pick<Allocation, 'ID' | 'Name'>;
  readonly group: TaskGroup;
  readonly state: (key: string) => CheckState | undefined;
}

/** By id. */
export function checkReports(facts: CheckFacts): Record<string, CheckReport> {
  const reports = servicesOf(facts.group).flatMap(({ service }) =>
    (service.Checks ?? []).map((check, at) => reportOf(facts, service, check, at)),
  );
  return Object.fromEntries(reports.map((report) => [report.ID, report]));
}

function reportOf(facts: CheckFacts, service: Service, check: ServiceCheck, at: number): CheckReport {
  const key = checkKey(service, check, at);
  const state = facts.state(key);
  const status = state?.status ?? 'pending';
  return {
    ID: idOf(facts.alloc.ID, key),
    Check: checkName(service, check),
    Group: facts.alloc.Name,
    Task: taskOf(facts.group, service),
    Service: service.Name,
    Mode: check.OnUpdate === 'ignore' ? 'readiness' : 'healthiness',
    Status: status === 'pending' ? 'pending' : isGood(status, check) ? 'success' : 'failure',
    StatusCode: state?.statusCode ?? 0,
    Output: state?.output ?? '',
    Timestamp: hasLooked(state) ? Math.floor(state.timestampMs / 1000) : 0,
    Type: check.Type,
    CheckStatus: status,
    Successes: state?.successes ?? 0,
    Failures: state?.failures ?? 0,
    History: state?.history ?? [],
  };
}

/** Before the first result there is a state, but no look. */
const hasLooked = (state: CheckState | undefined): state is CheckState =>
  state !== undefined && state.successes + state.failures > 0;

const taskOf = (group: TaskGroup, service: Service): string =>
  group.Tasks.find((task) => (task.Services ?? []).includes(service))?.Name ?? service.TaskName;

const idOf = (allocId: string, key: string): string =>
  createHash('sha256').update(`${allocId}/${key}`).digest('hex').slice(0, 32);
