/** The instances of a release as they are looked at: which version, which pool, how far on their way. Pure. */
import type { AllocStub, DeploymentView } from '../../src/api/views.ts';
import type { BackendPulse } from '../../src/model/ingress-pulse.ts';
import type { ServerStanding } from '../../src/model/ingress-status.ts';

/** In the order of an instance's life; what went wrong stands last. */
export const TileStates = {
  placed: 'has a node, and does not run yet',
  starting: 'runs, and is not found healthy yet',
  healthy: 'was found healthy',
  warm: 'runs without traffic, so that a revert can flip back to it',
  stopping: 'is told to stop',
  draining: 'finishes its requests and gets no new ones',
  drained: 'has no request left and is about to stop',
  stopped: 'has stopped',
  unhealthy: 'was judged unhealthy',
  failed: 'failed',
  lost: 'is lost with its node',
} as const;
export type TileState = keyof typeof TileStates;

export interface Tile {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly nodeName: string;
  readonly version: number;
  readonly isNew: boolean;
  readonly isCanary: boolean;
  readonly state: TileState;
  /** It may get requests now. */
  readonly isServing: boolean;
  readonly inFlight: number;
}

type Release = Pick<DeploymentView, 'JobVersion' | 'CreateIndex'>;

/** What an ingress says of one instance, over all its ports. */
interface Standing {
  readonly state: ServerStanding['State'];
  readonly isServing: boolean;
  readonly inFlight: number;
}

/** Old instances that had ended before the release began are no part of it. */
export function tilesOf(
  release: Release,
  allocations: readonly AllocStub[],
  backends: readonly BackendPulse[] | undefined,
): Tile[] {
  const standings = standingsOf(backends ?? []);
  return allocations
    .filter((alloc) => isPartOf(release, alloc))
    .map((alloc) => tileOf(release, alloc, standings.get(alloc.ID)))
    .sort(inOrder);
}

const isPartOf = ({ JobVersion, CreateIndex }: Release, alloc: AllocStub): boolean =>
  alloc.JobVersion === JobVersion || !hasEnded(alloc) || alloc.ModifyIndex > CreateIndex;

const hasEnded = ({ ClientStatus }: AllocStub): boolean => ClientStatus !== 'running' && ClientStatus !== 'pending';

function tileOf(release: Release, alloc: AllocStub, standing: Standing | undefined): Tile {
  return {
    id: alloc.ID,
    name: alloc.Name.replace(/^.*\[(\d+)\]$/, '$1'),
    group: alloc.TaskGroup,
    nodeName: alloc.NodeName,
    version: alloc.JobVersion,
    isNew: alloc.JobVersion === release.JobVersion,
    isCanary: alloc.DeploymentStatus?.Canary === true,
    state: RULES.find(({ holds }) => holds(alloc, standing))?.state ?? 'starting',
    isServing: standing?.isServing === true,
    inFlight: standing?.inFlight ?? 0,
  };
}

interface Rule {
  readonly state: TileState;
  readonly holds: (alloc: AllocStub, standing: Standing | undefined) => boolean;
}

const isStopping = ({ DesiredStatus }: AllocStub): boolean => DesiredStatus !== 'run';

/** The first that holds. */
const RULES: readonly Rule[] = [
  { state: 'failed', holds: ({ ClientStatus }) => ClientStatus === 'failed' },
  { state: 'lost', holds: ({ ClientStatus }) => ClientStatus === 'lost' },
  { state: 'stopped', holds: ({ ClientStatus }) => ClientStatus === 'complete' },
  { state: 'draining', holds: (alloc, standing) => isStopping(alloc) && standing?.state === 'draining' },
  { state: 'drained', holds: (alloc, standing) => isStopping(alloc) && standing?.state === 'drained' },
  { state: 'stopping', holds: isStopping },
  { state: 'lost', holds: ({ Disconnected }) => Disconnected !== undefined },
  { state: 'placed', holds: ({ ClientStatus }) => ClientStatus === 'pending' },
  { state: 'unhealthy', holds: ({ DeploymentStatus }) => DeploymentStatus?.Healthy === false },
  { state: 'draining', holds: (_alloc, standing) => standing?.state === 'draining' },
  { state: 'warm', holds: (_alloc, standing) => standing?.state === 'drained' },
  { state: 'unhealthy', holds: (_alloc, standing) => standing?.state === 'unhealthy' },
  { state: 'healthy', holds: ({ DeploymentStatus }) => DeploymentStatus?.Healthy === true },
  // Of a job without deployments, nobody judges the health: running is what there is to say.
  { state: 'healthy', holds: ({ DeploymentStatus }, standing) => !DeploymentStatus && standing?.state === 'ready' },
];

/** From the most to the least reassuring. */
const WORSE: readonly Standing['state'][] = ['ready', 'drained', 'draining', 'unhealthy', 'unknown'];

function standingsOf(backends: readonly BackendPulse[]): Map<string, Standing> {
  const standings = new Map<string, Standing>();
  for (const { Weight, Servers = [] } of backends.flatMap(({ Pools }) => Pools)) {
    for (const { AllocID, State, InFlight } of Servers) {
      const before = standings.get(AllocID);
      const isServing = State === 'ready' && Weight > 0;
      standings.set(AllocID, {
        state: WORSE[Math.max(WORSE.indexOf(State), WORSE.indexOf(before?.state ?? 'ready'))] ?? State,
        isServing: isServing || before?.isServing === true,
        inFlight: InFlight + (before?.inFlight ?? 0),
      });
    }
  }
  return standings;
}

const inOrder = (a: Tile, b: Tile): number =>
  b.version - a.version || Number(a.name) - Number(b.name) || (a.id < b.id ? -1 : 1);
