/**
 * The least that makes a worker what it shall be: commands of the runtime API, in the order in which they are safe.
 * First whoever shall serve is let in, then requests are sent there, then the others are taken out.
 */
import { type HaproxyFiles, mapFile } from './files.ts';
import { HOLD_SERVER, nextName, slotOf } from './names.ts';
import { serverOptions } from './render.ts';
import { MAP, type Wanted, type WantedServer } from './wanted.ts';
import { isResting, isUp, type StatRow } from './worker-state.ts';

export interface WorkerView {
  readonly rows: readonly StatRow[];
  readonly maps: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

export interface DifferenceInput {
  readonly worker: WorkerView;
  readonly wanted: Wanted;
  readonly files: HaproxyFiles;
  /** Keys of servers that are known to be healthy: no check is waited for. */
  readonly healthy: ReadonlySet<string>;
  /** Keys of servers that have just passed a check of ours. */
  readonly passed: ReadonlySet<string>;
  /** Names of rows that may not be deleted yet. */
  readonly young: ReadonlySet<string>;
  /** A reload has left it. */
  readonly isOld: boolean;
}

export function difference(input: DifferenceInput): string[] {
  return input.isOld ? diversion(input) : changes(input);
}

/**
 * An old worker does not let its servers be changed any more, but its maps: whatever it is still asked for, over a
 * connection that was kept, goes to the worker that came after it.
 */
function diversion({ worker, wanted, files }: DifferenceInput): string[] {
  const pools = [...(worker.maps.get(MAP.pools) ?? [])].flatMap(([service, slot]) =>
    slot === nextName(service) ? [] : [`set map ${mapFile(files, MAP.pools)} ${service} ${nextName(service)}`],
  );
  return [...pools, ...setEntries(MAP.ends, worker, wanted, files)];
}

/** It sends no request to an instance by itself. */
export const isDiverted = ({ maps }: Pick<WorkerView, 'maps'>): boolean =>
  [...(maps.get(MAP.pools) ?? [])].every(([service, slot]) => slot === nextName(service));

function changes(input: DifferenceInput): string[] {
  const slots = rowsBySlot(input.worker.rows);
  const in_: string[] = [];
  const out: string[] = [];
  for (const [slot, rows] of slots) {
    const wanted = input.wanted.servers.get(slot) ?? NONE;
    for (const server of wanted.values()) in_.push(...letIn(slot, server, rows.get(server.key), input));
    for (const [key, row] of rows) if (!wanted.has(key)) out.push(...takeOut(slot, row, input));
  }
  return [...in_, ...mapCommands(input), ...out];
}

const NONE: ReadonlyMap<string, WantedServer> = new Map();

/** The servers of each slot, by key. */
export function rowsBySlot(rows: readonly StatRow[]): Map<string, Map<string, StatRow>> {
  const slots = new Map<string, Map<string, StatRow>>();
  for (const row of rows) {
    if (slotOf(row.proxy) === undefined) continue;
    const slot = slots.get(row.proxy) ?? new Map<string, StatRow>();
    slots.set(row.proxy, slot);
    if (row.name !== 'BACKEND' && row.name !== HOLD_SERVER) slot.set(row.name, row);
  }
  return slots;
}

function letIn(slot: string, server: WantedServer, row: StatRow | undefined, input: DifferenceInput): string[] {
  const name = `${slot}/${server.key}`;
  const isKnown = input.healthy.has(server.key) || !server.isChecked;
  if (row === undefined) return added(name, server, isKnown);
  if (isElsewhere(row, server)) return moved(name, server, row);
  if (isResting(row)) return [...judged(name, server, isKnown, `set server ${name} state ready`)];
  if (isUp(row)) return row.weight === server.weight ? [] : [setWeight(name, server)];
  return input.passed.has(server.key) ? [`set server ${name} health up`] : [];
}

const setWeight = (name: string, { weight }: WantedServer): string => `set server ${name} weight ${weight}`;

/** It has no weight, so no requests, until HAProxy knows that it has yet to be checked. */
function judged(name: string, server: WantedServer, isKnown: boolean, ...enable: string[]): string[] {
  if (isKnown) return enable;
  return [`set server ${name} weight 0`, ...enable, `set server ${name} health down`, setWeight(name, server)];
}

function added(name: string, server: WantedServer, isKnown: boolean): string[] {
  const enable = [...(server.isChecked ? [`enable health ${name}`] : []), `enable server ${name}`];
  return [`add server ${name} ${serverOptions(server)}`, ...judged(name, server, isKnown, ...enable)];
}

const isElsewhere = (row: StatRow, { address, port }: WantedServer): boolean =>
  row.address !== '' && row.address !== `${address}:${port}` && row.address !== `[${address}]:${port}`;

/** A new place is a new server: it is taken out here and added once nothing is in flight to the old one. */
const moved = (name: string, _: WantedServer, row: StatRow): string[] =>
  isResting(row) ? [`del server ${name}`] : [`set server ${name} state maint`];

function takeOut(slot: string, row: StatRow, { wanted, young }: DifferenceInput): string[] {
  const name = `${slot}/${row.name}`;
  if (!isResting(row)) return [`set server ${name} state maint`];
  const isDone = row.current === 0 && row.queued === 0 && !wanted.resting.has(row.name) && !young.has(name);
  return isDone ? [`del server ${name}`] : [];
}

/** Each command changes one entry in one step; a key that is not known yet is added. */
function mapCommands({ worker, wanted, files }: DifferenceInput): string[] {
  return [...worker.maps].flatMap(([map, entries]) => {
    const goal = wanted.maps.get(map);
    const gone = [...entries.keys()].filter((key) => !goal?.has(key));
    const dels = gone.map((key) => `del map ${mapFile(files, map)} ${key}`);
    return [...setEntries(map, worker, wanted, files), ...dels];
  });
}

function setEntries(map: string, worker: WorkerView, wanted: Wanted, files: HaproxyFiles): string[] {
  const entries = worker.maps.get(map);
  return [...(wanted.maps.get(map) ?? [])].flatMap(([key, value]) => {
    if (entries === undefined || entries.get(key) === value) return [];
    return [`${entries.has(key) ? 'set' : 'add'} map ${mapFile(files, map)} ${key} ${value}`];
  });
}
