/** Bugs on purpose, each with the law that it breaks: a law that finds none of them is none. */
import type { UpgradeStrategy } from '../src/marathon/app.ts';
import type { DeploymentState } from '../src/model/deployment.ts';
import type { RoutingTable } from '../src/model/ingress.ts';
import type { Job, TaskGroup } from '../src/model/job.ts';
import { ZERO_TIME } from '../src/model/nanos.ts';
import type { DeploymentSituation } from '../src/server/deployment-decision.ts';
import type { PlantedBugs } from '../src/server/planted-bugs.ts';
import type { Storage } from '../src/state/storage/storage.ts';
import type { Law } from './laws/laws.ts';

export interface Planted extends PlantedBugs {
  /** Nodes kill without waiting for the drain. */
  readonly isImpatient?: boolean;
  readonly storage?: (storage: Storage) => Storage;
  readonly table?: (table: RoutingTable) => RoutingTable;
}

interface Bug {
  readonly breaks: Law;
  /** What the names of its seeds begin with: the kind of world. */
  readonly world?: 'apps-';
  /** Once for each world: a bug may have a memory. */
  readonly plant: () => Planted;
}

/** How far the planted store lags behind its answers. */
const TRANSACTIONS_LATE = 20;

export const PLANTED_BUGS = {
  'a node that kills before the drain': { breaks: 'drain', plant: () => ({ isImpatient: true }) },
  'a store that writes after it has answered': { breaks: 'acknowledged', plant: () => ({ storage: lateStorage }) },
  'a reconciler that takes every batch for the last': {
    breaks: 'floor',
    plant: () => ({ scheduling: (input) => ({ ...input, job: input.job && withoutBatches(input.job) }) }),
  },
  'a reconciler that forgets what surge is for': {
    breaks: 'surge',
    plant: () => ({ scheduling: (input) => ({ ...input, job: input.job && withoutSurge(input.job) }) }),
  },
  'a watcher that sees no deadline': { breaks: 'blocker', plant: () => ({ watching: withoutDeadlines }) },
  'a watcher whose clock runs on in a pause': { breaks: 'clock', plant: () => ({ watching: deadlinesBeforePause() }) },
  'a routing table that gives every pool a share': { breaks: 'preview', plant: () => ({ table: withShares }) },
  'a routing table that is empty while an old set rests': { breaks: 'share', plant: () => ({ table: emptied }) },
  'an upgrade that rounds its minimum down': {
    breaks: 'minimum',
    world: 'apps-',
    plant: () => ({
      scheduling: (input) => ({ ...input, job: input.job && withLimits(input.job, Math.floor, Math.floor) }),
    }),
  },
  'an upgrade that rounds its maximum up': {
    breaks: 'maximum',
    world: 'apps-',
    plant: () => ({
      scheduling: (input) => ({ ...input, job: input.job && withLimits(input.job, Math.ceil, Math.ceil) }),
    }),
  },
} as const satisfies Record<string, Bug>;
export type PlantedBug = keyof typeof PLANTED_BUGS;

function lateStorage(storage: Storage): Storage {
  const late: Parameters<Storage['append']>[0][number][] = [];
  const append: Storage['append'] = async (transactions) => {
    late.push(...transactions);
    const due = late.splice(0, Math.max(0, late.length - TRANSACTIONS_LATE));
    if (due.length > 0) await storage.append(due);
  };
  return { load: () => storage.load(), append, close: () => storage.close() };
}

const withUpdates = (job: Job, change: (group: TaskGroup) => Partial<NonNullable<TaskGroup['Update']>>): Job => ({
  ...job,
  TaskGroups: job.TaskGroups.map((group) =>
    group.Update ? { ...group, Update: { ...group.Update, ...change(group) } } : group,
  ),
});

const withoutBatches = (job: Job): Job =>
  withUpdates(job, ({ Count, Update }) => ({ MaxParallel: Update?.MaxParallel === 0 ? 0 : Math.max(1, Count) }));

type Rounding = (value: number) => number;

/** The arithmetic of an app's upgrade, rounded otherwise. */
const withLimits = (job: Job, ofMinimum: Rounding, ofMaximum: Rounding): Job => {
  const strategy = job.Marathon?.App.upgradeStrategy as UpgradeStrategy | undefined;
  if (!strategy) return job;
  return withUpdates(job, ({ Count }) => {
    const surge = Math.max(1, ofMaximum(Count * (1 + strategy.maximumOverCapacity)) - Count);
    const spared = Count - ofMinimum(Count * strategy.minimumHealthCapacity);
    return { MaxSurge: surge, MaxParallel: Math.max(1, spared + surge) };
  });
};

const withoutSurge = (job: Job): Job => withUpdates(job, () => ({ MaxSurge: 0 }));

const withStates = (
  situation: DeploymentSituation,
  change: (state: DeploymentState, name: string) => DeploymentState,
): DeploymentSituation => {
  const { deployment } = situation;
  const states = Object.entries(deployment.TaskGroups).map(([name, state]) => [name, change(state, name)]);
  return { ...situation, deployment: { ...deployment, TaskGroups: Object.fromEntries(states) } };
};

const withoutDeadlines = (situation: DeploymentSituation): DeploymentSituation =>
  withStates(situation, (state) => ({ ...state, RequireProgressBy: ZERO_TIME }));

/** What the deadline was when somebody paused holds after they have resumed. */
function deadlinesBeforePause(): (situation: DeploymentSituation) => DeploymentSituation {
  const known = new Map<string, string>();
  return (situation) => {
    const { deployment } = situation;
    return withStates(situation, (state, name) => {
      const key = `${deployment.ID} ${name}`;
      if (deployment.Status === 'paused') known.set(key, known.get(key) ?? state.RequireProgressBy);
      return { ...state, RequireProgressBy: known.get(key) ?? state.RequireProgressBy };
    });
  };
}

const withPools = (table: RoutingTable, change: (pools: PoolsOfBackend) => PoolsOfBackend): RoutingTable => ({
  ...table,
  Frontends: table.Frontends.map((frontend) => ({
    ...frontend,
    Routes: frontend.Routes.map((route) => ({
      ...route,
      Backend: { ...route.Backend, Pools: change(route.Backend.Pools) },
    })),
  })),
});
type PoolsOfBackend = RoutingTable['Frontends'][number]['Routes'][number]['Backend']['Pools'];

const withShares = (table: RoutingTable): RoutingTable =>
  withPools(table, (pools) => pools.map((pool) => ({ ...pool, Weight: Math.max(1, pool.Weight) })));

/** One of ready and draining in a pool: nothing goes to any of it. */
const emptied = (table: RoutingTable): RoutingTable =>
  withPools(table, (pools) =>
    pools.map((pool) => (pool.Servers.some(({ State }) => State === 'draining') ? { ...pool, Weight: 0 } : pool)),
  );
