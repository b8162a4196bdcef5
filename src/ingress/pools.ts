/**
 * The pools of a backend and their weights. A weight is a share of all requests, however many instances a pool has: a
 * group's canaries get their percentage of the group's part of the backend, and the stable pool gets the rest.
 */
import type { DeploymentState } from '../model/deployment.ts';
import type { BackendServer, Pool } from '../model/ingress.ts';
import { isBlueGreen } from './group-facts.ts';
import { compareText } from './route-match.ts';
import type { TrafficRole } from './traffic-roles.ts';

export interface PoolMember {
  readonly server: BackendServer;
  readonly group: string;
  readonly role: TrafficRole;
  /** Of a canary: what its deployment says of its group. One that rests stays in its group's canary pool. */
  readonly trial: DeploymentState | undefined;
}

/** The ready instances of one group, and what its canaries are to get of the group's requests. */
export interface GroupShare {
  readonly stable: number;
  readonly canaries: number;
  /** 0 to 100; undefined: their share by count. */
  readonly percent: number | undefined;
}

export interface Weights {
  readonly stable: number;
  /** By group. */
  readonly canaries: ReadonlyMap<string, number>;
}

/** The stable pool, and a canary pool for each group that has canaries. */
export function poolsOf(members: readonly PoolMember[]): Pool[] {
  const stable = members.filter((member) => !isInCanaryPool(member));
  const canaries = new Map<string, PoolMember[]>();
  for (const member of members) {
    if (!isInCanaryPool(member)) continue;
    const ofGroup = canaries.get(member.group);
    if (ofGroup === undefined) canaries.set(member.group, [member]);
    else ofGroup.push(member);
  }
  if (canaries.size === 0) return [{ Name: 'stable', Weight: 100, Servers: serversOf(stable) }];
  const weights = weightsOf(sharesOf(stable, canaries));
  const groups = [...canaries.keys()].sort(compareText);
  return [
    { Name: 'stable', Weight: weights.stable, Servers: serversOf(stable) },
    ...groups.map((group): Pool => {
      const Servers = serversOf(canaries.get(group)!);
      return { Name: 'canary', Group: group, Weight: weights.canaries.get(group)!, Servers };
    }),
  ];
}

/**
 * Percentages 0 and 100 stay exact: a pool of weight 0 gets no request at all.
 *
 * | group a (stable, canaries, percent) | group b      | stable | canaries of a | of b |
 * |-------------------------------------|--------------|--------|---------------|------|
 * | 3, 1, by count                      |              | 75     | 25            |      |
 * | 3, 1, 10                            | 1, 0         | 92.5   | 7.5           |      |
 * | 4, 4, 0 (blue/green)                | 4, 1, 10     | 95     | 0             | 5    |
 * | 0, 1, 10                            |              | 0      | 100           |      |
 * | 0, 4, 0 (blue/green)                |              | 100    | 0             |      |
 */
export function weightsOf(shares: ReadonlyMap<string, GroupShare>): Weights {
  const total = sumOf([...shares.values()].map(({ stable }) => stable));
  if (total === 0) return weightsWithoutStable(shares);
  const groups = [...shares].map(([group, share]) => ({
    group,
    part: share.stable,
    percent: percentOf(share),
  }));
  return {
    stable: sumOf(groups.map(({ part, percent }) => part * (100 - percent))) / total,
    canaries: new Map(groups.map(({ group, part, percent }) => [group, (part * percent) / total])),
  };
}

/**
 * Nothing stable is ready. Canaries that may have some of the requests take all of them, which beats refusing what they
 * could answer. A blue/green's second set still gets none: nobody has let it in, so requests are held for the first one
 * to come back.
 */
function weightsWithoutStable(shares: ReadonlyMap<string, GroupShare>): Weights {
  const wants = [...shares].map(([group, share]) => ({ group, want: share.canaries * percentOf(share) }));
  const total = sumOf(wants.map(({ want }) => want));
  return {
    stable: total === 0 ? 100 : 0,
    canaries: new Map(wants.map(({ group, want }) => [group, total === 0 ? 0 : (100 * want) / total])),
  };
}

function percentOf({ stable, canaries, percent }: GroupShare): number {
  return canaries === 0 ? 0 : (percent ?? (100 * canaries) / (canaries + stable));
}

function sharesOf(
  stable: readonly PoolMember[],
  canaries: ReadonlyMap<string, readonly PoolMember[]>,
): Map<string, GroupShare> {
  const groups = new Set([...stable.map(({ group }) => group), ...canaries.keys()]);
  const shares = new Map<string, GroupShare>();
  for (const group of groups) {
    const own = stable.filter((member) => member.group === group);
    const tried = canaries.get(group) ?? [];
    const trial = tried.find(({ role }) => role === 'canary')?.trial;
    shares.set(group, {
      stable: countReady(own),
      canaries: countReady(tried),
      percent: trial && writtenPercent(trial),
    });
  }
  return shares;
}

/** A written weight always wins; without one, as many canaries as instances get nothing before their promotion. */
function writtenPercent(trial: DeploymentState): number | undefined {
  return trial.CanaryWeight ?? (isBlueGreen(trial) ? 0 : undefined);
}

const isInCanaryPool = ({ role, trial }: PoolMember): boolean => role !== 'stable' && trial !== undefined;

const serversOf = (members: readonly PoolMember[]): BackendServer[] => members.map(({ server }) => server);

const countReady = (members: readonly PoolMember[]): number =>
  members.filter(({ server }) => server.State === 'ready').length;

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);
