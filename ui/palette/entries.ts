/** What the palette offers: actions and views of what is on screen, all views, jobs, deployments, nodes, allocations. Pure. */
import type { DeploymentView, JobStub, NodeStub } from '../../src/api/views.ts';
import { shortId } from '../kit/words.ts';
import type { Ranked } from './rank.ts';
import { viewShortcuts } from './shortcuts.ts';

export interface Entry extends Ranked {
  readonly key: string;
  /** Beside the name: a state, a key. */
  readonly hint?: string;
  /** Where it leads; absent: it does something. */
  readonly path?: string;
  readonly act?: () => void;
}

export interface ScreenAction {
  readonly id: string;
  /** "Stop shop.web[0]". */
  readonly name: string;
  readonly act: () => void;
}

export interface Known {
  readonly pathname: string;
  readonly actions: readonly ScreenAction[];
  readonly jobs: readonly JobStub[];
  readonly deployments: readonly DeploymentView[];
  readonly nodes: readonly NodeStub[];
  /** Ids that begin as what was typed. */
  readonly allocIds: readonly string[];
}

export const entriesOf = (known: Known): readonly Entry[] => [
  ...known.actions.map(({ id, name, act }): Entry => ({ key: `action ${id}`, kind: 'action', name, act })),
  ...partsOf(known.pathname),
  ...viewShortcuts.map(({ words, path, keys }) => ({
    key: `view ${path}`,
    kind: 'view',
    name: words,
    path,
    hint: keys.join(' '),
  })),
  ...known.jobs.map(({ ID, Status }) => ({
    key: `job ${ID}`,
    kind: 'job',
    name: ID,
    hint: Status,
    path: `/jobs/${encodeURIComponent(ID)}`,
  })),
  ...known.deployments.map(({ ID, JobID, JobVersion, Status }) => ({
    key: `deployment ${ID}`,
    kind: 'deployment',
    name: `${JobID} version ${JobVersion} ${shortId(ID)}`,
    hint: Status,
    path: `/deployments/${ID}`,
  })),
  ...known.nodes.map(({ ID, Name, Status }) => ({
    key: `node ${ID}`,
    kind: 'node',
    name: `${Name} ${shortId(ID)}`,
    hint: Status,
    path: `/nodes/${ID}`,
  })),
  ...known.allocIds.map((id) => ({
    key: `allocation ${id}`,
    kind: 'allocation',
    name: id,
    path: `/allocations/${id}`,
  })),
];

const PARTS = [
  ['Logs', '/logs'],
  ['Files', '/files'],
  ['Terminal', '/terminal'],
  ['Overview', ''],
] as const;

/** Of the allocation that is looked at. */
function partsOf(pathname: string): readonly Entry[] {
  const here = /\/allocations\/([^/]+)(\/\w+)?/.exec(pathname);
  return PARTS.filter(([, part]) => here && part !== (here[2] ?? '')).map(([name, part]) => ({
    key: `part ${part}`,
    kind: 'view',
    name: `${name} of this allocation`,
    path: `/allocations/${here?.[1]}${part}`,
  }));
}

/** Ids are asked for by their beginning: two digits of one at least. */
export const idPrefix = (typed: string): string | undefined =>
  /^[0-9a-f]{2}[0-9a-f-]*$/i.test(typed.trim()) ? typed.trim().toLowerCase() : undefined;
