/** The steps of a release, done and to come, for each of its groups: pure. */
import type { DeploymentView } from '../../src/api/views.ts';
import type { DeploymentState } from '../../src/model/deployment.ts';
import type { Tile } from './instances.ts';

export interface Step {
  readonly title: string;
  /** "2 of 3", or who is waited for. */
  readonly detail: string;
  readonly state: 'done' | 'now' | 'next' | 'broken';
}

interface Plain {
  readonly title: string;
  readonly detail: string;
  readonly isDone: boolean;
}

/** `tiles`: the instances of this group. */
export function stepsOf(deployment: DeploymentView, group: DeploymentState, tiles: readonly Tile[]): Step[] {
  return inTurn(group.DesiredCanaries > 0 ? withCanaries(group, tiles) : rolling(group, tiles), deployment);
}

function rolling(group: DeploymentState, tiles: readonly Tile[]): Plain[] {
  return [healthyOf('New instances healthy', group), oldGone(tiles)];
}

function withCanaries(group: DeploymentState, tiles: readonly Tile[]): Plain[] {
  const { DesiredCanaries: wanted, Promoted, IsBlueGreen } = group;
  const canaries = tiles.filter(({ isNew, isCanary }) => isNew && isCanary);
  const healthy = canaries.filter(({ state }) => state === 'healthy').length;
  const noun = IsBlueGreen ? 'New set' : wanted === 1 ? 'Canary' : 'Canaries';
  const placed = Math.max(group.PlacedCanaries?.length ?? 0, Promoted ? wanted : 0);
  return [
    { title: `${noun} placed`, detail: `${placed} of ${wanted}`, isDone: Promoted || placed >= wanted },
    {
      title: `${noun} healthy`,
      detail: Promoted ? `${wanted} of ${wanted}` : `${healthy} of ${wanted}`,
      isDone: Promoted || healthy >= wanted,
    },
    { title: 'Promotion', detail: promotionDetail(group), isDone: Promoted },
    ...(IsBlueGreen ? [] : [healthyOf('The rest replaced', group)]),
    oldGone(tiles),
  ];
}

function promotionDetail({ Promoted, AutoPromote, IsBlueGreen, CanaryWeight }: DeploymentState): string {
  if (Promoted) return 'done';
  const by = AutoPromote ? 'by itself, once all are healthy' : 'by somebody';
  if (IsBlueGreen) return `${by}; until then no request goes there`;
  return CanaryWeight === undefined ? by : `${by}; until then ${CanaryWeight}% of the requests go there`;
}

const healthyOf = (title: string, { HealthyAllocs, DesiredTotal }: DeploymentState): Plain => ({
  title,
  detail: `${HealthyAllocs} of ${DesiredTotal}`,
  isDone: HealthyAllocs >= DesiredTotal,
});

/** A set that is kept warm has left the traffic as well. */
function oldGone(tiles: readonly Tile[]): Plain {
  const left = tiles.filter(({ isNew, state }) => !isNew && !GONE.has(state)).length;
  const warm = tiles.filter(({ isNew, state }) => !isNew && state === 'warm').length;
  const kept = warm > 0 ? `; ${warm} kept warm` : '';
  return { title: 'Old instances drained and stopped', detail: `${left} left${kept}`, isDone: left === 0 };
}

const GONE: ReadonlySet<Tile['state']> = new Set(['stopped', 'failed', 'lost', 'warm']);

/** The first that is not done is the one under way; nothing comes after the end. */
function inTurn(steps: readonly Plain[], { Status }: DeploymentView): Step[] {
  const isOver = Status === 'failed' || Status === 'cancelled';
  let isFirst = true;
  return steps.map(({ title, detail, isDone }) => {
    const isNow = !isDone && isFirst;
    if (isNow) isFirst = false;
    return { title, detail, state: isDone ? 'done' : isNow ? (isOver ? 'broken' : 'now') : 'next' };
  });
}
