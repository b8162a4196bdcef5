/**
 * Whose route is whose. A route (port, host, path) belongs to one service: where another job has it already, the
 * registration is refused, naming that job. One that would take a way in away says so: clients that do not know the
 * `ingress` block drop it silently.
 */
import { SerinError } from '../lib/errors.ts';
import { backendKey } from '../model/backend-key.ts';
import { ingressServices } from '../model/ingress-services.ts';
import { type IngressWay, portSpeech, waysOf } from '../model/ingress-ways.ts';
import type { Job } from '../model/job.ts';
import type { ReadTx } from '../state/types.ts';

interface Claim {
  /** "port 8080", or "port 8080 for www.example.com/shop". */
  readonly route: string;
  readonly service: string;
  /** Whoever has the same one shares it: apps of one deployment group. */
  readonly backend: string;
  readonly way: IngressWay;
}

/** Throws `refused` where another job listens there already, or in another mode on the same port. */
export function refuseTakenRoutes(tx: ReadTx, next: Job): void {
  const problems = takenRoutes(tx, next);
  if (problems.length > 0) throw new SerinError('refused', problems.join('\n'));
}

/** A sentence for each conflict; `gone`: ids of jobs that are about to go, whose routes are free. */
export function takenRoutes(tx: ReadTx, next: Job, gone: ReadonlySet<string> = new Set()): string[] {
  const wanted = claimsOf(next);
  if (wanted.length === 0) return [];
  const problems = [...tx.jobs()]
    .filter((job) => !job.Stop && !isSame(job, next) && !gone.has(job.ID))
    .flatMap((job) => claimsOf(job).flatMap((theirs) => wanted.flatMap((ours) => conflict(ours, theirs, job))));
  return [...new Set(problems)];
}

/** What of the ways in the new version no longer has. */
export function routeWarnings(current: Job | undefined, next: Job): string[] {
  if (!current || current.Stop) return [];
  const kept = new Set(claimsOf(next).map((claim) => claim.route));
  const lost = claimsOf(current).filter((claim) => !kept.has(claim.route));
  return [
    ...new Set(
      lost.map(
        ({ service, route }) => `service "${service}" no longer listens on ${route}: requests there will be refused`,
      ),
    ),
  ];
}

function conflict(ours: Claim, theirs: Claim, job: Job): string[] {
  if (ours.way.Listen !== theirs.way.Listen) return [];
  if (portSpeech(ours.way) !== portSpeech(theirs.way))
    return [
      `service "${ours.service}" wants port ${ours.way.Listen} for ${portSpeech(ours.way)}, but job "${job.ID}" listens there with service "${theirs.service}" for ${portSpeech(theirs.way)}; choose another port`,
    ];
  if (ours.route !== theirs.route || ours.backend === theirs.backend) return [];
  return [
    `service "${ours.service}" cannot listen on ${ours.route}: job "${job.ID}" does already, with service "${theirs.service}"; choose another port, host or path, or stop that job first`,
  ];
}

function claimsOf(job: Job): Claim[] {
  return job.TaskGroups.flatMap(ingressServices).flatMap((service) => {
    const backend = backendKey(job, service);
    const ways = (service.Ingress ?? []).flatMap(waysOf);
    return ways.map((way) => ({ route: routeOf(way), service: service.Name, backend, way }));
  });
}

function routeOf({ Listen, Host, Path }: IngressWay): string {
  return Host === '' && Path === '/' ? `port ${Listen}` : `port ${Listen} for ${Host === '' ? '*' : Host}${Path}`;
}

const isSame = (a: Job, b: Job): boolean => a.ID === b.ID && a.Namespace === b.Namespace;
