/**
 * What each version of a job has served since a deployment of it began: the old one beside the new one. Ingresses count
 * from the start of their process and say so every two seconds; what they say more than the time before is added here.
 * It lives in memory: after a restart of the server the old version's counts begin anew, and say since when.
 */
import type { Clock } from '../lib/clock.ts';
import { type Deployment, isDeploymentActive } from '../model/deployment.ts';
import type { IngressFigure, IngressReport } from '../model/ingress.ts';
import {
  addTallies,
  type DeploymentTraffic,
  EMPTY_TALLY,
  type Tally,
  tallyOf,
  tallySince,
  type VersionTraffic,
  versionFigures,
} from '../model/version-figures.ts';

interface VersionCount {
  readonly backend: string;
  readonly version: number;
  readonly pools: Set<string>;
  tally: Tally;
}

interface DeploymentRecord {
  readonly deployment: Deployment;
  /** Since when versions that were there before are counted. */
  sinceMs: number;
  readonly versions: Map<string, VersionCount>;
  unserved: number;
}

/** Deployments that have ended and whose figures are kept. */
const MAX_ENDED = 100;
const NOBODY = 'none';

export class DeploymentFigures {
  readonly #clock: Clock;
  readonly #reports: () => readonly IngressReport[];
  /** Of the deployments under way, by job. */
  readonly #open = new Map<string, DeploymentRecord>();
  readonly #ended = new Map<string, DeploymentTraffic>();

  constructor(clock: Clock, reports: () => readonly IngressReport[]) {
    this.#clock = clock;
    this.#reports = reports;
  }

  /** A deployment began, changed or ended. */
  observe(deployment: Deployment): void {
    const key = jobKey(deployment);
    const known = this.#open.get(key);
    const isKnown = known?.deployment.ID === deployment.ID;
    if (isDeploymentActive(deployment)) {
      if (!isKnown) this.#open.set(key, newRecord(deployment));
    } else if (isKnown) {
      this.#open.delete(key);
      this.#keep(deployment.ID, { ...this.#trafficOf(known), UntilMs: this.#clock.nowMs() });
    }
  }

  /** An ingress speaks: what it counts more than `before`. */
  report(before: IngressReport | undefined, report: IngressReport): void {
    if (this.#open.size === 0) return;
    const earlier = before?.StartedMs === report.StartedMs ? before : undefined;
    const counted = new Map((earlier?.Figures ?? []).map((figure) => [figureKey(figure), figure]));
    for (const figure of report.Figures ?? []) {
      const record = this.#open.get(figure.Backend.slice(0, figure.Backend.lastIndexOf('/')));
      if (record === undefined) continue;
      const known = counted.get(figureKey(figure));
      if (earlier !== undefined || this.#isAllOfIt(record, figure, report)) add(record, figure, known);
      else record.sinceMs = this.#clock.nowMs();
    }
  }

  /** undefined: nothing is known of it (any more). */
  of(deploymentId: string): DeploymentTraffic | undefined {
    const record = [...this.#open.values()].find(({ deployment }) => deployment.ID === deploymentId);
    return record === undefined ? this.#ended.get(deploymentId) : this.#trafficOf(record);
  }

  /** Whether an ingress that speaks for the first time has counted nothing from before the deployment. */
  #isAllOfIt({ deployment }: DeploymentRecord, { Version }: IngressFigure, { StartedMs }: IngressReport): boolean {
    return Version === deployment.JobVersion || (StartedMs ?? 0) >= deployment.CreateTimeMs;
  }

  #trafficOf(record: DeploymentRecord): DeploymentTraffic {
    const versions = [...record.versions.values()].map((count) => this.#versionTraffic(record, count));
    versions.sort((a, b) => (a.Backend < b.Backend ? -1 : a.Backend > b.Backend ? 1 : a.Version - b.Version));
    return { Versions: versions, Unserved: record.unserved };
  }

  #versionTraffic(
    { deployment, sinceMs }: DeploymentRecord,
    { backend, version, pools, tally }: VersionCount,
  ): VersionTraffic {
    const SinceMs = version === deployment.JobVersion ? deployment.CreateTimeMs : sinceMs;
    const seconds = Math.max(1, this.#clock.nowMs() - SinceMs) / 1000;
    return {
      Backend: backend,
      Pools: [...pools],
      ...versionFigures(version, tally, this.#inFlight(backend, version)),
      SinceMs,
      RequestsPerSecond: tally.requests / seconds,
    };
  }

  #inFlight(backend: string, version: number): number {
    const figures = this.#reports().flatMap(({ Figures }) => Figures ?? []);
    return figures
      .filter(({ Backend, Version, Pool }) => Backend === backend && Version === version && Pool !== NOBODY)
      .reduce((sum, { InFlight }) => sum + InFlight, 0);
  }

  #keep(deploymentId: string, traffic: DeploymentTraffic): void {
    this.#ended.set(deploymentId, traffic);
    if (this.#ended.size > MAX_ENDED) this.#ended.delete(this.#ended.keys().next().value!);
  }
}

const jobKey = ({ Namespace, JobID }: Deployment): string => `${Namespace}/${JobID}`;

const figureKey = ({ Backend, Pool, Version }: IngressFigure): string => `${Backend} ${Pool} ${Version}`;

const newRecord = (deployment: Deployment): DeploymentRecord => ({
  deployment,
  sinceMs: deployment.CreateTimeMs,
  versions: new Map(),
  unserved: 0,
});

function add(record: DeploymentRecord, figure: IngressFigure, before: IngressFigure | undefined): void {
  const more = tallySince(tallyOf(figure), before === undefined ? EMPTY_TALLY : tallyOf(before));
  if (figure.Pool === NOBODY) {
    record.unserved += more.requests;
    return;
  }
  const key = `${figure.Backend} ${figure.Version}`;
  const known = record.versions.get(key);
  // One that served before, and nothing since, is no part of this.
  if (more.requests === 0 && known === undefined && figure.Version !== record.deployment.JobVersion) return;
  const count = known ?? newCount(figure);
  count.tally = addTallies(count.tally, more);
  if (more.requests > 0) count.pools.add(figure.Pool);
  record.versions.set(key, count);
}

const newCount = ({ Backend, Version }: IngressFigure): VersionCount => ({
  backend: Backend,
  version: Version,
  pools: new Set(),
  tally: EMPTY_TALLY,
});
