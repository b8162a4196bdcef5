/**
 * What all apps and groups were after each of the last changes, kept in the store, so that a group can be read and led
 * back to any of them, with apps that were removed since. A snapshot names its apps by number; each definition is
 * written down once, and goes with the last snapshot that names it. More in docs/adr/0035.
 */
import { isDeepStrictEqual } from 'node:util';
import { isWithin } from '../../marathon/app-id.ts';
import type { AppState, GroupState, Root } from '../../marathon/root.ts';
import type { ReadTx, WriteTx } from '../../state/types.ts';
import { nextVersion } from './versions.ts';

/** As many versions as are kept. */
export const KEEP_SNAPSHOTS = 50;

const HISTORY_KEY = 'marathon/history';
const snapshotKey = (version: string): string => `${HISTORY_KEY}/${version}`;
const definitionKey = (definition: number): string => `${HISTORY_KEY}/app/${definition}`;

interface History {
  /** Newest first. */
  readonly Versions: readonly string[];
  /** The number of the next definition. */
  readonly Next: number;
}

interface Snapshot {
  /** By app: the number of its definition. */
  readonly Apps: Readonly<Record<string, number>>;
  readonly Groups: Readonly<Record<string, GroupState>>;
  /** Apps and groups that were otherwise, or not there, in the snapshot before; or are not there any more. */
  readonly Changed: readonly string[];
}

const NONE: History = { Versions: [], Next: 0 };
const EMPTY: Snapshot = { Apps: {}, Groups: {}, Changed: [] };

const historyOf = (tx: ReadTx): History => (tx.meta(HISTORY_KEY) as History | undefined) ?? NONE;
const definitionOf = (tx: ReadTx, number: number): AppState => tx.meta(definitionKey(number)) as AppState;

function snapshotOf(tx: ReadTx, version: string | undefined): Snapshot | undefined {
  return version === undefined ? undefined : (tx.meta(snapshotKey(version)) as Snapshot | undefined);
}

/** The newest version of anything; undefined: nothing was ever changed. */
export const newestVersion = (tx: ReadTx): string | undefined => historyOf(tx).Versions[0];

/** Everything as it was after the change; undefined: no such version, or one that is forgotten. */
export function rootAt(tx: ReadTx, version: string): Root | undefined {
  const snapshot = snapshotOf(tx, version);
  if (!snapshot) return undefined;
  const apps = Object.entries(snapshot.Apps).map(([id, number]) => [id, definitionOf(tx, number)] as const);
  return { apps: new Map(apps), groups: new Map(Object.entries(snapshot.Groups)) };
}

/** Every version at which something in the group became what it was, newest first; those without the group left out. */
export function versionsOfGroup(tx: ReadTx, group: string): string[] {
  const { Versions } = historyOf(tx);
  return Versions.filter((version, at) => {
    const snapshot = snapshotOf(tx, version) ?? EMPTY;
    const hasChanged = at === Versions.length - 1 || snapshot.Changed.some((id) => isWithin(id, group));
    return hasChanged && hasGroup(snapshot, group);
  });
}

const hasGroup = ({ Apps, Groups }: Snapshot, group: string): boolean =>
  group === '/' ||
  Object.keys(Apps).some((id) => id !== group && isWithin(id, group)) ||
  Object.keys(Groups).some((id) => isWithin(id, group));

/** When anything in a group last changed, what has gone included; undefined: longer ago than is kept. */
export function lastChangeIn(tx: ReadTx): (group: string) => string | undefined {
  const changes = historyOf(tx).Versions.map((version) => ({ version, ids: snapshotOf(tx, version)?.Changed ?? [] }));
  return (group) => changes.find(({ ids }) => ids.some((id) => isWithin(id, group)))?.version;
}

/** What an app was at any version of anything, newest first, also before it was removed and came back. */
export function pastStatesOf(tx: ReadTx, app: string): AppState[] {
  const numbers = historyOf(tx).Versions.flatMap((version) => snapshotOf(tx, version)?.Apps[app] ?? []);
  return [...new Set(numbers)].map((number) => definitionOf(tx, number));
}

/** Notes what everything is from this version on; nothing where it is as it was. */
export function record(tx: WriteTx, root: Root, version: string): void {
  const history = historyOf(tx);
  const before = snapshotOf(tx, history.Versions[0]) ?? EMPTY;
  const Changed = changedIds(tx, before, root);
  if (Changed.length === 0) return;
  const { Apps, Next } = withDefinitions(tx, { before, root, changed: new Set(Changed), next: history.Next });
  const snapshot: Snapshot = { Apps, Groups: Object.fromEntries(root.groups), Changed };
  tx.putMeta(snapshotKey(version), snapshot);
  const Versions = [version, ...history.Versions];
  tx.putMeta(HISTORY_KEY, { Versions: Versions.slice(0, KEEP_SNAPSHOTS), Next } satisfies History);
  for (const forgotten of Versions.slice(KEEP_SNAPSHOTS)) forget(tx, forgotten);
}

/**
 * Notes what came about beneath Marathon's face: an app that was scaled, reverted or purged as the job that it is, a
 * deployment that was given up half way, apps of before there was a history.
 */
export function recordPresent(tx: WriteTx, root: Root, nowMs: number): void {
  const { Versions } = historyOf(tx);
  const [last = ''] = Versions;
  const changed = changedIds(tx, snapshotOf(tx, Versions[0]) ?? EMPTY, root);
  if (changed.length === 0) return;
  const stamps = changed.flatMap((id) => root.apps.get(id)?.at.version ?? root.groups.get(id)?.version ?? []);
  const newest = stamps.sort().at(-1) ?? '';
  record(tx, root, newest > last ? newest : nextVersion(root, nowMs, last));
}

/** Whether `recordPresent` would note anything. */
export const isUnrecorded = (tx: ReadTx, root: Root): boolean =>
  changedIds(tx, snapshotOf(tx, newestVersion(tx)) ?? EMPTY, root).length > 0;

function changedIds(tx: ReadTx, before: Snapshot, { apps, groups }: Root): string[] {
  const isSame = (id: string, { app, at }: AppState): boolean => {
    const number = before.Apps[id];
    if (number === undefined) return false;
    const was = definitionOf(tx, number);
    return was.at.version === at.version && was.app.instances === app.instances;
  };
  return [
    ...[...apps].flatMap(([id, state]) => (isSame(id, state) ? [] : [id])),
    ...Object.keys(before.Apps).filter((id) => !apps.has(id)),
    ...[...groups].flatMap(([id, state]) => (isDeepStrictEqual(before.Groups[id], state) ? [] : [id])),
    ...Object.keys(before.Groups).filter((id) => !groups.has(id)),
  ];
}

interface Defining {
  readonly before: Snapshot;
  readonly root: Root;
  readonly changed: ReadonlySet<string>;
  readonly next: number;
}

/** Writes down what has changed; the rest keeps its number. */
function withDefinitions(
  tx: WriteTx,
  { before, root, changed, next }: Defining,
): { readonly Apps: Record<string, number>; readonly Next: number } {
  let Next = next;
  const Apps: Record<string, number> = {};
  for (const [id, state] of root.apps) {
    const known = changed.has(id) ? undefined : before.Apps[id];
    Apps[id] = known ?? Next;
    if (known === undefined) tx.putMeta(definitionKey(Next++), state);
  }
  return { Apps, Next };
}

/** With the definitions that nobody names any more. */
function forget(tx: WriteTx, version: string): void {
  const { Apps } = snapshotOf(tx, version) ?? EMPTY;
  tx.putMeta(snapshotKey(version), undefined);
  const others = historyOf(tx).Versions.map((each) => snapshotOf(tx, each)?.Apps ?? {});
  for (const [id, number] of Object.entries(Apps)) {
    if (!others.some((apps) => apps[id] === number)) tx.putMeta(definitionKey(number), undefined);
  }
}
