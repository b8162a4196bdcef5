/** A service for each port, with the health checks of that port; what the labels say of the ingress stands at it. */
import { SECOND } from '../model/nanos.ts';
import type { MarathonApp, MarathonHealthCheck, MarathonReadinessCheck } from './app.ts';
import { ingressOf } from './labels.ts';
import { portLabels, portNames } from './ports.ts';

export function servicesOf(app: MarathonApp, name: string): object[] | null {
  const labels = portLabels(app);
  const services = labels.map((PortLabel, at) => ({
    Name: serviceName(app, at),
    PortLabel,
    Provider: 'serin',
    Ingress: ingressOf(app, at),
    Checks: healthChecksAt(app, at)
      .map((check, number) => checkOf(check, healthCheckName(name, number), name))
      .concat(readinessOf(app, at)),
  }));
  if (services.length > 0) return services;
  const Checks = healthChecksAt(app, 0).map((check, number) => checkOf(check, healthCheckName(name, number), name));
  return Checks.length === 0 ? null : [{ Name: serviceName(app, 0), Provider: 'serin', Checks }];
}

/** Those of a port, in the order of the service's checks; commands, which have none, come with the first. */
export function healthChecksAt(app: MarathonApp, at: number): MarathonHealthCheck[] {
  const isCommand = ({ protocol }: MarathonHealthCheck): boolean => protocol === 'COMMAND';
  const ofPort = app.healthChecks.filter(
    (check) => !isCommand(check) && portLabels(app).length > 0 && (check.portIndex ?? 0) === at,
  );
  return at === 0 ? [...ofPort, ...app.healthChecks.filter(isCommand)] : ofPort;
}

const healthCheckName = (task: string, number: number): string => `${task}-${number}`;

/** Which of the app's own a check of its service is; undefined: none, or it is one of another version. */
export function healthCheckOf(app: MarathonApp, portLabel: string, check: string): MarathonHealthCheck | undefined {
  const at = Math.max(0, portLabels(app).indexOf(portLabel));
  return healthChecksAt(app, at)[Number(/-(\d+)$/.exec(check)?.[1] ?? -1)];
}

/** Told apart from health checks by itself: those have the names of tasks. */
export const readinessName = ({ name }: Pick<MarathonReadinessCheck, 'name'>): string => `readiness ${name}`;

function readinessOf(app: MarathonApp, at: number): object[] {
  const checks = app.readinessChecks.filter(({ portName }) => portNames(app).indexOf(portName) === at);
  return checks.map((check) => ({
    Name: readinessName(check),
    Readiness: true,
    Type: 'http',
    Path: check.path,
    SuccessCodes: check.httpStatusCodesForReady.join(','),
    Interval: nanos(Math.max(1, check.intervalSeconds)),
    Timeout: nanos(Math.max(1, check.timeoutSeconds)),
    // Marathon looks at no certificate.
    ...(check.protocol === 'HTTPS' && { Protocol: 'https', TLSSkipVerify: true }),
  }));
}

/** "/shop/web" → "shop-web"; the second port's is "shop-web-1". */
export const serviceName = ({ id }: MarathonApp, at: number): string => {
  const suffix = at === 0 ? '' : `-${at}`;
  const name = id.slice(1).replace(/[^a-z0-9-]/g, '-');
  return name.slice(0, LONGEST_NAME - suffix.length) + suffix;
};

/** RFC 1123. */
const LONGEST_NAME = 63;

function checkOf(check: MarathonHealthCheck, Name: string, task: string): object {
  return {
    Name,
    ...kindOf(check, task),
    Interval: nanos(Math.max(1, check.intervalSeconds)),
    Timeout: nanos(Math.max(1, check.timeoutSeconds)),
    ...delayOf(check),
    ...(check.port !== undefined && { PortLabel: String(check.port) }),
    ...(check.maxConsecutiveFailures > 0 && {
      CheckRestart: { Limit: check.maxConsecutiveFailures, Grace: nanos(check.gracePeriodSeconds) },
    }),
  };
}

/** What every app has that says nothing: such a task is looked at at once. */
const DEFAULT_DELAY_SECONDS = 15;

function delayOf({ delaySeconds = DEFAULT_DELAY_SECONDS }: MarathonHealthCheck): object {
  return delaySeconds === DEFAULT_DELAY_SECONDS || delaySeconds <= 0 ? {} : { InitialDelay: nanos(delaySeconds) };
}

function kindOf({ protocol, path, command, ignoreHttp1xx }: MarathonHealthCheck, TaskName: string): object {
  if (protocol === 'COMMAND') {
    return { Type: 'script', Command: '/bin/sh', Args: ['-c', command?.value ?? ''], TaskName };
  }
  if (protocol.endsWith('TCP')) return { Type: 'tcp' };
  const isTls = protocol.endsWith('HTTPS');
  // Marathon looks at no certificate.
  return {
    Type: 'http',
    Path: path ?? '/',
    SuccessCodes: '200-399',
    ...(ignoreHttp1xx && { Ignore1xx: true }),
    ...(isTls && { Protocol: 'https', TLSSkipVerify: true }),
  };
}

const nanos = (seconds: number): number => Math.round(seconds * SECOND);
