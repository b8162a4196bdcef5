/** Judges the services of a group or task, their checks, and the ports that they refer to. */
import { formatDuration } from '../lib/duration.ts';
import { type ErrorTree, within, wrong, wrongIf } from './error-tree.ts';
import { SECOND } from './nanos.ts';
import type { Service, ServiceCheck } from './service.ts';
import { parseSuccessCodes } from './success-codes.ts';
import { validateIngress } from './validate-ingress.ts';
import { findRepeated, LAST_PORT } from './validate-network.ts';

const NAME = /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/;
const LONGEST_NAME = 63;
const ADDRESS_MODES = ['', 'auto', 'host', 'driver', 'alloc'];
const UPDATE_RULES = ['', 'require_healthy', 'ignore_warnings', 'ignore'];
const PROVIDERS = ['serin', 'nomad', 'consul'];
const PROBE_TYPES = ['http', 'tcp', 'grpc'];
const CHECK_TYPES = ['http', 'tcp', 'script', 'grpc'];
const INITIAL_STATUSES = ['', 'passing', 'warning', 'critical'];
const METHOD = /^[A-Za-z]*$/;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const LEAST_TIME = SECOND;

export interface ServiceScope {
  /** The port labels that may be referred to; undefined where no network says which there are. */
  readonly labels: ReadonlySet<string> | undefined;
  /** Whose services they are: a script check of a group must name its task. */
  readonly owner: 'group' | 'task';
  /** The tasks of the group, by name. */
  readonly tasks: readonly string[];
}

export function validateServices(services: readonly Service[] | null, scope: ServiceScope): ErrorTree[] {
  const all = services ?? [];
  return within('', [
    ...all.flatMap((service) => within(`Service ${service.Name} validation failed`, validateService(service, scope))),
    ...findRepeated(all, (service) => `${service.Name}\n${service.PortLabel}`).flatMap(({ item }) =>
      wrong(`service ${JSON.stringify(item.Name)} is duplicate`),
    ),
    ...(scope.labels ? findUnknownLabels(all, scope.labels) : []),
  ]);
}

function validateService(service: Service, scope: ServiceScope): ErrorTree[] {
  return [
    ...validateName(service.Name),
    ...oneOf('address_mode', service.AddressMode, ADDRESS_MODES),
    ...oneOf('on_update', service.OnUpdate, UPDATE_RULES),
    ...oneOf('provider', service.Provider ?? 'serin', PROVIDERS),
    ...(service.Checks ?? []).flatMap((check) =>
      within(`check ${JSON.stringify(check.Name)} invalid`, validateCheck(check, service, scope)),
    ),
    ...validateIngress(service),
  ];
}

/** A name with variables is known on the node only. */
function validateName(name: string): ErrorTree[] {
  if (name.includes('${')) return [];
  return wrongIf(
    !NAME.test(name) || name.length > LONGEST_NAME,
    `Service name must be valid per RFC 1123 and can contain only alphanumeric characters or dashes and must be no longer than ${LONGEST_NAME} characters: ${JSON.stringify(name)}`,
  );
}

function validateCheck(check: ServiceCheck, service: Service, scope: ServiceScope): ErrorTree[] {
  return [
    ...oneOf('type', check.Type, CHECK_TYPES),
    ...wrongIf(check.SuccessCodes !== undefined && check.Type !== 'http', 'success_codes is for checks of type http'),
    ...wrongIf(check.Ignore1xx === true && check.Type !== 'http', 'ignore_1xx is for checks of type http'),
    ...wrongIf((check.InitialDelay ?? 0) < 0, 'initial_delay must be zero or greater'),
    ...(check.Type === 'script' ? validateScript(check, scope) : []),
    ...(PROBE_TYPES.includes(check.Type) ? validateProbe(check, service) : []),
    ...atLeastASecond('interval', check.Interval),
    ...atLeastASecond('timeout', check.Timeout),
    ...oneOf('initial_status', check.InitialStatus, INITIAL_STATUSES),
    ...oneOf('on_update', check.OnUpdate, UPDATE_RULES),
    ...oneOf('address_mode', check.AddressMode, ADDRESS_MODES),
    ...validateThresholds(check),
    ...validateCheckRestart(check),
  ];
}

function validateScript(check: ServiceCheck, scope: ServiceScope): ErrorTree[] {
  const isOfUnknownTask = check.TaskName !== '' && !scope.tasks.includes(check.TaskName);
  return [
    ...wrongIf(check.Command === '', 'a check of type script must have a valid command'),
    ...wrongIf(
      scope.owner === 'group' && check.TaskName === '',
      'a script check of a group service must say with "task" in which task it runs',
    ),
    ...wrongIf(isOfUnknownTask, `task ${JSON.stringify(check.TaskName)} does not exist in the group`),
  ];
}

function validateProbe(check: ServiceCheck, service: Service): ErrorTree[] {
  return [
    ...wrongIf(
      check.PortLabel === '' && service.PortLabel === '',
      `a ${check.Type} check needs a port: give the check or its service a port label`,
    ),
    ...(check.Type === 'http' ? validateHttp(check) : []),
  ];
}

function validateHttp(check: ServiceCheck): ErrorTree[] {
  if (check.Path === '') return wrong('a check of type http must have a path');
  return [
    ...wrongIf(
      !check.Path.startsWith('/'),
      `the path ${JSON.stringify(check.Path)} must be relative to the service and start with "/"`,
    ),
    ...oneOf('protocol', check.Protocol, ['', 'http', 'https']),
    ...wrongIf(
      !METHOD.test(check.Method),
      `method ${JSON.stringify(check.Method)} is no HTTP method: write GET, HEAD, POST or the like`,
    ),
    ...wrongIf(
      check.SuccessCodes !== undefined && parseSuccessCodes(check.SuccessCodes) === undefined,
      `success_codes must be HTTP statuses and ranges such as "200-299,401", not ${JSON.stringify(check.SuccessCodes)}`,
    ),
    ...Object.entries(check.Header ?? {}).flatMap(([name, values]) => validateHeader(name, values)),
  ];
}

/** What cannot be sent would fail every look, for a reason that no instance has given. */
function validateHeader(name: string, values: readonly string[]): ErrorTree[] {
  return [
    ...wrongIf(!HEADER_NAME.test(name), `header ${JSON.stringify(name)} is no name of an HTTP header`),
    ...wrongIf(
      values.some((value) => !HEADER_VALUE.test(value)),
      `header ${JSON.stringify(name)} has a value with control characters`,
    ),
  ];
}

function atLeastASecond(name: string, nanos: number): ErrorTree[] {
  if (nanos === 0) {
    return wrong(`missing required value ${name}. ${title(name)} cannot be less than ${formatDuration(LEAST_TIME)}`);
  }
  return wrongIf(
    nanos < LEAST_TIME,
    `${name} (${formatDuration(nanos)}) cannot be lower than ${formatDuration(LEAST_TIME)}`,
  );
}

function validateThresholds(check: ServiceCheck): ErrorTree[] {
  return [
    ...wrongIf(check.SuccessBeforePassing < 0, 'success_before_passing must be non-negative'),
    ...wrongIf(check.FailuresBeforeCritical < 0, 'failures_before_critical must be non-negative'),
    ...wrongIf((check.FailuresBeforeWarning ?? 0) < 0, 'failures_before_warning must be non-negative'),
    ...wrongIf(isLateWarning(check), 'failures_before_warning cannot be higher than failures_before_critical'),
  ];
}

/** It would never be given: the check is critical by then. */
const isLateWarning = ({ FailuresBeforeWarning = 0, FailuresBeforeCritical }: ServiceCheck): boolean =>
  FailuresBeforeWarning > Math.max(1, FailuresBeforeCritical);

function validateCheckRestart(check: ServiceCheck): ErrorTree[] {
  const restart = check.CheckRestart;
  if (!restart) return [];
  return [
    ...wrongIf(restart.Limit < 0, `check_restart limit must be greater than or equal to 0 but found ${restart.Limit}`),
    ...wrongIf(restart.Grace < 0, `check_restart grace must be zero or greater: ${formatDuration(restart.Grace)}`),
  ];
}

/** One sentence for each label, with the services that refer to it. */
function findUnknownLabels(services: readonly Service[], labels: ReadonlySet<string>): ErrorTree[] {
  const users = new Map<string, Set<string>>();
  for (const { label, service } of services.flatMap(referencesOf)) {
    if (!isKnownPort(label, labels)) users.set(label, (users.get(label) ?? new Set()).add(service));
  }
  return [...users].flatMap(([label, names]) =>
    wrong(`port label ${JSON.stringify(label)} referenced by services ${[...names].join(', ')} does not exist`),
  );
}

function referencesOf(service: Service): { label: string; service: string }[] {
  const ofChecks = (service.Checks ?? []).map((check) => check.PortLabel);
  return [service.PortLabel, ...ofChecks]
    .filter((label) => label !== '')
    .map((label) => ({ label, service: service.Name }));
}

/** A label, a literal port number, or a variable that the node knows. */
function isKnownPort(label: string, labels: ReadonlySet<string>): boolean {
  if (labels.has(label) || label.includes('${')) return true;
  return /^\d+$/.test(label) && Number(label) >= 1 && Number(label) <= LAST_PORT;
}

function oneOf(name: string, value: string, allowed: readonly string[]): ErrorTree[] {
  const words = allowed.filter((word) => word !== '').map((word) => JSON.stringify(word));
  return wrongIf(
    !allowed.includes(value),
    `${name} must be ${words.slice(0, -1).join(', ')} or ${words.at(-1)}, not ${JSON.stringify(value)}`,
  );
}

const title = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
