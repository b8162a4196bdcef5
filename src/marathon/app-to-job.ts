/**
 * An app as the job that it becomes: one group with one task, services from its ports, checks from its health checks,
 * ingress from its labels. The result is a request like any client's: `canonicalizeJob` fills in the rest.
 */
import type { JobRequest } from '../model/job.ts';
import { SECOND } from '../model/nanos.ts';
import type { MarathonApp } from './app.ts';
import { jobIdOf, segmentsOf } from './app-id.ts';
import { canaryOf } from './canary.ts';
import { constraintsOf, spreadsOf } from './constraints.ts';
import { progressDeadlineOf } from './deadline.ts';
import { disconnectOf } from './disconnect.ts';
import { envOf } from './env.ts';
import { networkOf, portLabels } from './ports.ts';
import { servicesOf } from './services.ts';
import { updateOf } from './upgrade.ts';

export interface JobOptions {
  readonly datacenters: readonly string[];
  /** What runs an app without a container: "exec" or "raw_exec". */
  readonly commandDriver: string;
  /** What tasks learn as the app's version; "": none. */
  readonly version?: string;
}

/** Marathon gives a processor in shares of one; placement here counts MHz. */
const MHZ_OF_A_CPU = 1000;
/** What its executor waits between SIGTERM and SIGKILL. */
const KILL_GRACE_SECONDS = 3;
/** Room for a task's output, which Marathon does not count. */
const LOGS_MB = 110;
/** Marathon waits for health as long as it takes. */
const PATIENCE = 24 * 3600 * SECOND;

export function jobOfApp(app: MarathonApp, options: JobOptions): JobRequest {
  const name = segmentsOf(app.id).at(-1) ?? app.id;
  return {
    ID: jobIdOf(app.id),
    Name: jobIdOf(app.id),
    Type: 'service',
    Datacenters: [...options.datacenters],
    Constraints: constraintsOf(app),
    Spreads: spreadsOf(app),
    Meta: app.labels,
    TaskGroups: [
      {
        Name: name,
        Count: app.instances,
        Networks: networkOf(app),
        Services: servicesOf(app, name),
        EphemeralDisk: { SizeMB: LOGS_MB + Math.ceil(app.disk) },
        ...policiesOf(app),
        ...disconnectOf(app),
        Tasks: [taskOf(app, name, options)],
      },
    ],
  };
}

/** A task that ends is started again with Marathon's delays, on whatever node; no deployment fails for it. */
function policiesOf(app: MarathonApp): object {
  return {
    RestartPolicy: { Attempts: 0, Mode: 'fail', Interval: 60 * SECOND, Delay: nanos(app.backoffSeconds) },
    ReschedulePolicy: {
      Unlimited: true,
      Delay: Math.max(SECOND, nanos(app.backoffSeconds)),
      DelayFunction: 'exponential',
      DelayFactor: app.backoffFactor,
      MaxDelay: Math.max(SECOND, nanos(app.backoffSeconds), nanos(app.maxLaunchDelaySeconds)),
    },
    Update: {
      ...updateOf(app.instances, app.upgradeStrategy),
      HealthCheck: app.healthChecks.length + app.readinessChecks.length > 0 ? 'checks' : 'task_states',
      MinHealthyTime: 0,
      // It must end before the other.
      HealthyDeadline: Math.min(PATIENCE, Math.floor((progressDeadlineOf(app) ?? Number.POSITIVE_INFINITY) * 0.9)),
      ProgressDeadline: progressDeadlineOf(app) ?? 0,
      AutoRevert: false,
      ...canaryOf(app),
    },
  };
}

const nanos = (seconds: number): number => Math.round(seconds * SECOND);

function taskOf(app: MarathonApp, name: string, options: JobOptions): object {
  return {
    Name: name,
    Driver: driverOf(app, options),
    Config: configOf(app),
    User: app.user ?? '',
    Env: envOf(app, options.version ?? ''),
    Resources: { CPU: Math.max(1, Math.round(app.cpus * MHZ_OF_A_CPU)), MemoryMB: Math.max(10, Math.ceil(app.mem)) },
    KillTimeout: nanos(app.taskKillGracePeriodSeconds ?? KILL_GRACE_SECONDS),
    KillSignal: 'SIGTERM',
    Artifacts:
      app.fetch.length === 0 ? null : app.fetch.map(({ uri }) => ({ GetterSource: uri, RelativeDest: 'local/' })),
  };
}

function driverOf({ container }: MarathonApp, { commandDriver }: JobOptions): string {
  if (container?.docker) return 'docker';
  return container ? 'exec' : commandDriver;
}

function configOf(app: MarathonApp): object {
  const { cmd, args, container } = app;
  const program = cmd === null ? argumentsOf(args ?? []) : { command: '/bin/sh', args: ['-c', cmd] };
  const docker = container?.docker;
  if (!docker) return program;
  const volumes = container.volumes.map(
    ({ hostPath, containerPath, mode }) => `${hostPath}:${containerPath}:${mode.toLowerCase()}`,
  );
  return {
    image: docker.image,
    // The image's own entry point takes the arguments.
    ...(cmd === null ? args && args.length > 0 && { args } : program),
    ...(docker.network === 'BRIDGE'
      ? { ports: portLabels(app) }
      : { network_mode: docker.network === 'NONE' ? 'none' : 'host' }),
    ...(docker.forcePullImage && { force_pull: true }),
    ...(docker.privileged && { privileged: true }),
    ...(volumes.length > 0 && { volumes }),
  };
}

const argumentsOf = ([command = '', ...args]: readonly string[]): object => ({ command, args });
