/** What each action will do, said before it is done: sentences with numbers. Pure. */
import type { DeploymentView } from '../../src/api/views.ts';
import type { DeploymentState } from '../../src/model/deployment.ts';
import { counted } from '../kit/words.ts';
import type { Tile } from './instances.ts';

type Groups = readonly (readonly [name: string, state: DeploymentState])[];

export const groupsOf = ({ TaskGroups }: Pick<DeploymentView, 'TaskGroups'>): Groups => Object.entries(TaskGroups);

/** Those that a promotion is for. */
export const unpromoted = (deployment: Pick<DeploymentView, 'TaskGroups'>): string[] =>
  groupsOf(deployment)
    .filter(([, { DesiredCanaries, Promoted }]) => DesiredCanaries > 0 && !Promoted)
    .map(([name]) => name);

export function promoteConsequences(
  deployment: DeploymentView,
  names: readonly string[],
  tiles: readonly Tile[],
): string[] {
  return groupsOf(deployment)
    .filter(([name]) => names.includes(name))
    .map(([name, group]) => {
      const old = tiles.filter((tile) => tile.group === name && !tile.isNew && isAlive(tile)).length;
      const goes = counted(group.DesiredCanaries, 'instance');
      if (group.IsBlueGreen) {
        const kept = group.KeepWarm ? ' and are kept warm for a revert' : ', then stop';
        return `${name}: all requests go to the ${goes} of version ${deployment.JobVersion} in one step. The ${counted(old, 'instance')} of the version before finish what is in flight${kept}.`;
      }
      const rest = Math.max(0, group.DesiredTotal - group.DesiredCanaries);
      return `${name}: the ${goes} of version ${deployment.JobVersion} take their full part of the requests, and ${counted(rest, 'more instance')} follow in batches. Each of the ${old} old ones leaves when a new one serves.`;
    });
}

export function failConsequences(deployment: DeploymentView, tiles: readonly Tile[]): string[] {
  const reverting = groupsOf(deployment).filter(([, { AutoRevert }]) => AutoRevert);
  const canaries = tiles.filter((tile) => tile.isNew && tile.isCanary && isAlive(tile)).length;
  const old = tiles.filter((tile) => !tile.isNew && isAlive(tile)).length;
  return [
    'The deployment ends as failed. Nothing more is replaced.',
    ...(canaries > 0 && unpromoted(deployment).length > 0
      ? [`The ${counted(canaries, 'canary instance')} get no more requests and stop; all go to the ${old} old ones.`]
      : []),
    reverting.length > 0
      ? `auto_revert is set: the latest stable version comes back by itself${old > 0 ? ', its traffic first' : ''}.`
      : 'auto_revert is not set: instances of the new version that serve go on serving until a revert or a newer version.',
  ];
}

export const pauseConsequences = (): string[] => [
  'No further instance is placed or replaced until somebody resumes. What runs goes on serving, with the traffic as it is.',
  'The progress deadline stands still meanwhile.',
];

export const resumeConsequences = (): string[] => [
  'The deployment goes on where it stood, and its deadline runs again.',
];

export const weightConsequences = (percent: number, names: readonly string[]): string =>
  `From now on ${percent}% of the requests of ${names.join(', ')} go to the canaries, and ${100 - percent}% to the version before. Nothing starts or stops.`;

export const revertConsequences = (to: number, tiles: readonly Tile[]): string[] => {
  const alive = tiles.filter((tile) => tile.version === to && isAlive(tile)).length;
  return [
    `Version ${to} becomes the newest again, with its counts. No canaries: it has served before.`,
    alive > 0
      ? `${counted(alive, 'instance')} of it still ${alive === 1 ? 'runs' : 'run'}: the traffic returns there first, in under a second, and the rest follows.`
      : 'None of it runs any more: its instances start first, and take over as they become healthy.',
  ];
};

const isAlive = ({ state }: Pick<Tile, 'state'>): boolean =>
  state !== 'stopped' && state !== 'failed' && state !== 'lost';
