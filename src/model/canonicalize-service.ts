/** A service of a group or task as a client sends it, made canonical: names interpolated, checks and ingress filled in. */
import { canonicalizeIngress } from './canonicalize-ingress.ts';
import { SECOND } from './nanos.ts';
import type { RequestFields } from './request-fields.ts';
import type { CheckRestart, Service, ServiceCheck } from './service.ts';

export interface ServiceOwner {
  readonly job: string;
  readonly group: string;
  /** undefined for a service of the group itself. */
  readonly task: string | undefined;
}

export function canonicalizeService(fields: RequestFields, owner: ServiceOwner): Service {
  const name = interpolateName(fields.text('Name') || defaultName(owner), owner);
  const onUpdate = fields.text('OnUpdate') || 'require_healthy';
  const tags = fields.texts('Tags');
  const provider = fields.text('Provider');
  const ingress = canonicalizeIngress(fields, tags);
  return {
    Name: name,
    TaskName: fields.text('TaskName'),
    PortLabel: fields.text('PortLabel'),
    AddressMode: fields.text('AddressMode') || 'auto',
    EnableTagOverride: fields.boolean('EnableTagOverride'),
    Tags: tags,
    CanaryTags: fields.texts('CanaryTags'),
    Checks: fields.list('Checks', (check) => readCheck(check, { service: name, onUpdate, parent: fields })),
    Connect: fields.opaque('Connect'),
    Meta: fields.textMap('Meta'),
    CanaryMeta: fields.textMap('CanaryMeta'),
    Namespace: fields.text('Namespace') || 'default',
    OnUpdate: onUpdate,
    ...(provider !== '' && { Provider: provider }),
    ...(ingress.length > 0 && { Ingress: ingress }),
  };
}

const defaultName = (owner: ServiceOwner): string => (owner.task === undefined ? '${JOB}-${TASKGROUP}' : '${BASE}');

/** A group's own services stand for the task "group" in ${TASK} and ${BASE}. */
function interpolateName(name: string, owner: ServiceOwner): string {
  const task = owner.task ?? 'group';
  const values: Readonly<Record<string, string>> = {
    JOB: owner.job,
    TASKGROUP: owner.group,
    TASK: task,
    BASE: `${owner.job}-${owner.group}-${task}`,
  };
  return name.replace(/\$\{(JOB|TASKGROUP|TASK|BASE)\}/g, (_, variable: string) => values[variable] as string);
}

interface CheckContext {
  readonly service: string;
  readonly onUpdate: string;
  /** The service, whose CheckRestart stands under each check's own. */
  readonly parent: RequestFields;
}

function readCheck(fields: RequestFields, context: CheckContext): ServiceCheck {
  const beforeWarning = fields.integer('FailuresBeforeWarning');
  const initialDelay = fields.nanos('InitialDelay');
  const type = fields.text('Type').toLowerCase();
  const codes = fields.text('SuccessCodes') || (type === 'http' ? codesOf(context.parent) : '');
  return {
    Name: fields.text('Name') || `service: "${context.service}" check`,
    Type: type,
    Command: fields.text('Command'),
    Args: fields.texts('Args'),
    Path: fields.text('Path'),
    Protocol: fields.text('Protocol'),
    PortLabel: fields.text('PortLabel'),
    Expose: fields.boolean('Expose'),
    AddressMode: fields.text('AddressMode'),
    Interval: fields.nanos('Interval'),
    Timeout: fields.nanos('Timeout'),
    InitialStatus: fields.text('InitialStatus'),
    TLSSkipVerify: fields.boolean('TLSSkipVerify'),
    Method: fields.text('Method'),
    Header: readHeader(fields.object('Header'), fields.raw('Header')),
    CheckRestart: readCheckRestart(fields.object('CheckRestart'), context.parent.object('CheckRestart')),
    GRPCService: fields.text('GRPCService'),
    GRPCUseTLS: fields.boolean('GRPCUseTLS'),
    TaskName: fields.text('TaskName'),
    SuccessBeforePassing: fields.integer('SuccessBeforePassing'),
    FailuresBeforeCritical: fields.integer('FailuresBeforeCritical'),
    ...(beforeWarning !== 0 && { FailuresBeforeWarning: beforeWarning }),
    Body: fields.text('Body'),
    OnUpdate: fields.text('OnUpdate') || context.onUpdate,
    ...(codes !== '' && { SuccessCodes: codes }),
    ...(fields.boolean('Readiness') && { Readiness: true }),
    ...(initialDelay !== 0 && { InitialDelay: initialDelay }),
    ...(fields.boolean('Ignore1xx') && { Ignore1xx: true }),
  };
}

/** For clients that drop keys which they don't know: for all http checks of the service. */
const codesOf = (service: RequestFields): string => service.textMap('Meta')?.['serin.check.success_codes'] ?? '';

function readHeader(fields: RequestFields | undefined, raw: unknown): Record<string, string[]> | null {
  const names = fields ? Object.keys(raw as object) : [];
  const headers = names.map((name): [string, string[]] => [name, fields?.texts(name) ?? []]);
  return headers.length > 0 ? Object.fromEntries(headers) : null;
}

function readCheckRestart(own?: RequestFields, inherited?: RequestFields): CheckRestart | null {
  if (!own && !inherited) return null;
  const limit = inherited?.integer('Limit') ?? 0;
  const grace = inherited?.nanos('Grace', SECOND) ?? SECOND;
  const ignoreWarnings = inherited?.boolean('IgnoreWarnings') ?? false;
  return {
    Limit: own?.integer('Limit', limit) ?? limit,
    Grace: own?.nanos('Grace', grace) ?? grace,
    IgnoreWarnings: own?.boolean('IgnoreWarnings', ignoreWarnings) ?? ignoreWarnings,
  };
}
