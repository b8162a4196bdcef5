/** A service for each port, with the health checks of that port; what the labels say of the ingress stands at it. */
import { SECOND } from '../model/nanos.ts';
import type { MarathonApp, MarathonHealthCheck, MarathonReadinessCheck } from './app.ts';
import { ingressOf } from './labels.ts';
import { portLabels, portNames } from './ports.ts';

export function servicesOf(app: MarathonApp, name: string): object[] | null {
  const labels = portLabels(app);
  const ofCommand = app.healthChecks.filter(({ protocol }) => protocol === 'COMMAND');
  const services = labels.map((PortLabel, at) => ({
    Name: serviceName(app, at),
    PortLabel,
    Provider: 'serin',
    Ingress: ingressOf(app, at),
    Checks: app.healthChecks
      .filter((check) => check.protocol !== 'COMMAND' && (check.portIndex ?? 0) === at)
      .concat(at === 0 ? ofCommand : [])
      .map((check, number) => checkOf(check, `${name}-${number}`, name))
      .concat(readinessOf(app, at)),
  }));
  if (services.length > 0) return services;
  return ofCommand.length === 0
    ? null
    : [
        {
          Name: serviceName(app, 0),
          Provider: 'serin',
          Checks: ofCommand.map((check, at) => checkOf(check, `${name}-${at}`, name)),
        },
      ];
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
    ...(check.port !== undefined && { PortLabel: String(check.port) }),
    ...(check.maxConsecutiveFailures > 0 && {
      CheckRestart: { Limit: check.maxConsecutiveFailures, Grace: nanos(check.gracePeriodSeconds) },
    }),
  };
}

function kindOf({ protocol, path, command }: MarathonHealthCheck, TaskName: string): object {
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
    ...(isTls && { Protocol: 'https', TLSSkipVerify: true }),
  };
}

const nanos = (seconds: number): number => Math.round(seconds * SECOND);
