/** The service that is updated over and over, as a client sends it. */
export interface ServiceJobOptions {
  readonly listen: number;
  /** What a task runs. */
  readonly instance: string;
  readonly version: string;
  readonly count: number;
  /** 0: a rolling update; as many as `count`: blue/green. */
  readonly canaries: number;
}

export const SERVICE = 'updates';
export const DRAIN_DEADLINE_MS = 4000;
/** In the words of a report. */
export const SERVICE_WORDS =
  'A service of 2 or 3 instances over two nodes, behind two ingresses at addresses of their own, `min_healthy_time = "50ms"`, `max_parallel = 1`, an HTTP check, `drain_deadline = "4s"`. Its instances end at once on SIGTERM, whatever they are doing.';

const seconds = (text: string): number => Number.parseFloat(text) * 1e9;

export function serviceJob({ listen, instance, version, count, canaries }: ServiceJobOptions): object {
  return {
    ID: SERVICE,
    Name: SERVICE,
    Type: 'service',
    Datacenters: ['dc1'],
    Update: {
      MaxParallel: 1,
      HealthCheck: 'checks',
      MinHealthyTime: seconds('0.05s'),
      HealthyDeadline: seconds('60s'),
      ProgressDeadline: seconds('120s'),
      Canary: canaries,
    },
    TaskGroups: [
      {
        Name: 'app',
        Count: count,
        Networks: [{ DynamicPorts: [{ Label: 'http' }] }],
        Migrate: {
          MaxParallel: 1,
          HealthCheck: 'checks',
          MinHealthyTime: seconds('0.05s'),
          HealthyDeadline: seconds('60s'),
        },
        Services: [
          {
            Name: 'web',
            PortLabel: 'http',
            Ingress: [{ Listen: listen, DrainDeadline: DRAIN_DEADLINE_MS * 1e6 }],
            Checks: [{ Type: 'http', Path: '/healthz', Interval: seconds('1s'), Timeout: seconds('5s') }],
          },
        ],
        Tasks: [
          {
            Name: 'server',
            Driver: 'raw_exec',
            Config: { command: process.execPath, args: [instance] },
            Env: { VERSION: version },
            Resources: { CPU: 20, MemoryMB: 32 },
          },
        ],
      },
    ],
  };
}
