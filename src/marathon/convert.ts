/**
 * An app definition as the job that it becomes, for a file: with what Marathon would drop, what does nothing here and what
 * a job file has no place for, one sentence each.
 */
import type { JobRequest } from '../model/job.ts';
import type { MarathonApp } from './app.ts';
import { type JobOptions, jobOfApp } from './app-to-job.ts';
import { labelWarnings } from './label-warnings.ts';
import { parseApp } from './parse-app.ts';
import { readApp } from './read-app.ts';
import { withServicePorts } from './service-ports.ts';
import { validateApp } from './validate-app.ts';

export interface ConvertedApp {
  readonly job: JobRequest;
  readonly warnings: readonly string[];
}

/** Of one that runs already, its tasks' version goes with it. Throws a `MarathonProblem` with everything that is wrong. */
export function convertApp(json: unknown, options: Omit<JobOptions, 'version'>): ConvertedApp {
  const { input, warnings } = parseApp(json);
  const written = readApp(input);
  validateApp(written, input);
  const app = withServicePorts(written, []);
  return {
    job: jobOfApp(app, { ...options, version: versionOf(json) }),
    warnings: [...warnings, ...labelWarnings(app), ...portWarnings(written, app), ...lossesOf(app)],
  };
}

/** Where nobody has put it yet: what asks for it finds a time stamp all the same, and the same one each time. */
const NEVER = '1970-01-01T00:00:00.000Z';

function versionOf(json: unknown): string {
  const { versionInfo } = json as { versionInfo?: { lastConfigChangeAt?: unknown } | null };
  const version = versionInfo?.lastConfigChangeAt;
  return typeof version === 'string' ? version : NEVER;
}

function portWarnings({ ports = [] }: MarathonApp, { ports: given = [] }: MarathonApp): string[] {
  const chosen = given.filter((_, at) => ports[at] === 0);
  if (chosen.length === 0) return [];
  return [
    `the service port${chosen.length > 1 ? 's' : ''} ${chosen.join(', ')} ${chosen.length > 1 ? 'stand' : 'stands'} for 0: a server takes the first that no app has`,
  ];
}

interface Loss {
  readonly key: string;
  readonly isSaid: (app: MarathonApp) => boolean;
  readonly instead: string;
}

/** What only an app says: it stays with one that is put through /v2. */
const LOSSES: readonly Loss[] = [
  {
    key: 'dependencies',
    isSaid: ({ dependencies }) => dependencies.length > 0,
    instead: 'run the jobs in that order, or put the app through /v2',
  },
  {
    key: 'killSelection',
    isSaid: ({ killSelection }) => killSelection !== 'YOUNGEST_FIRST',
    instead: 'a job stops the youngest first',
  },
  {
    key: 'HAPROXY_DEPLOYMENT_GROUP',
    isSaid: ({ labels }) => Boolean(labels.HAPROXY_DEPLOYMENT_GROUP),
    instead: 'two jobs cannot share a route; update one job with canaries (SERIN_CANARY), or put the app through /v2',
  },
];

const lossesOf = (app: MarathonApp): string[] =>
  LOSSES.filter(({ isSaid }) => isSaid(app)).map(
    ({ key, instead }) => `a job file has no place for ${key}: ${instead}`,
  );
