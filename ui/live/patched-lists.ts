/**
 * Long lists, whose rows events carry whole: pure. A release of a hundred instances changes some rows of ten thousand;
 * asking for all of them at each step would cost the agent and the page more than the release does.
 */
import { keys } from '../client/keys.ts';
import type { QueryKey } from './affected.ts';
import { allocRow } from './alloc-row.ts';
import type { StreamEvent } from './event.ts';

export interface Row {
  readonly ID: string;
  readonly ModifyIndex: number;
}

type Payload = StreamEvent['Payload'][string];

interface PatchedList {
  readonly topic: StreamEvent['Topic'];
  readonly keyOf: (payload: Payload) => QueryKey;
  /** `like`: another row of the list. */
  readonly rowOf: (payload: Payload, like: Row | undefined) => Row | undefined;
}

/** What lists hold that name no namespace. */
const NAMESPACE = 'default';

const PATCHED: readonly PatchedList[] = [
  {
    topic: 'Allocation',
    keyOf: () => keys.allocationRows,
    rowOf: (payload) => allocRow(payload as unknown as Parameters<typeof allocRow>[0]),
  },
  { topic: 'Allocation', keyOf: () => keys.allocations, rowOf: sameShape },
  { topic: 'Allocation', keyOf: ({ JobID }) => [...keys.job(String(JobID)), 'allocations'], rowOf: sameShape },
  { topic: 'Evaluation', keyOf: () => keys.evaluations, rowOf: sameShape },
];

/** Ours, in entries that have something to say there. */
const SOMETIMES = ['Services', 'Traffic', 'Ingress'];

/** An entry has fewer fields than the whole. An empty list does not say which: it is asked for again. */
function sameShape(payload: Payload, like: Row | undefined): Row | undefined {
  if (like === undefined || payload['Namespace'] !== NAMESPACE) return undefined;
  const entry: Record<string, unknown> = {};
  // The whole leaves out what is empty, an entry does not.
  for (const [key, value] of Object.entries(like)) entry[key] = payload[key] ?? (typeof value === 'string' ? '' : null);
  for (const key of SOMETIMES) {
    if (payload[key] === undefined) delete entry[key];
    else entry[key] = payload[key];
  }
  return entry as unknown as Row;
}

export interface ListPatch {
  readonly key: QueryKey;
  readonly events: readonly StreamEvent[];
  readonly rowOf: PatchedList['rowOf'];
}

/** The lists that the events change, each with those that concern it. */
export function patchesOf(events: readonly StreamEvent[]): readonly ListPatch[] {
  const patches = new Map<string, ListPatch & { readonly events: StreamEvent[] }>();
  for (const event of events) {
    for (const { topic, keyOf, rowOf } of PATCHED) {
      if (topic !== event.Topic) continue;
      const key = keyOf(payloadOf(event));
      const name = JSON.stringify(key);
      const patch = patches.get(name);
      if (patch) patch.events.push(event);
      else patches.set(name, { key, events: [event], rowOf });
    }
  }
  return [...patches.values()];
}

export interface Patched<R extends Row> {
  readonly rows: readonly R[];
  /** The events do not say all: the list must be asked for again. */
  readonly isUnsure: boolean;
}

/** Rows keep their places, new ones come last; the list itself is another only where something in it is. */
export function patchRows<R extends Row>(rows: readonly R[], { events, rowOf }: Omit<ListPatch, 'key'>): Patched<R> {
  const places = new Map(rows.map(({ ID }, at) => [ID, at]));
  let isUnsure = false;
  const next = [...rows];
  let isChanged = false;
  for (const event of events) {
    const row = isGone(event) ? undefined : (rowOf(payloadOf(event), rows[0]) as R | undefined);
    if (row === undefined) {
      isUnsure ||= isForUs(event, places);
      continue;
    }
    const at = places.get(row.ID);
    // What was asked for meanwhile may be newer than the event.
    if (at !== undefined && (next[at] as R).ModifyIndex > row.ModifyIndex) continue;
    if (at === undefined) places.set(row.ID, next.push(row) - 1);
    else next[at] = row;
    isChanged = true;
  }
  return { rows: isChanged ? next : rows, isUnsure };
}

const payloadOf = ({ Payload, Topic }: StreamEvent): Payload => Payload[Topic] ?? {};

/** A row that was removed is said as it was before: older than what happened to it. */
const isGone = (event: StreamEvent): boolean => Number(payloadOf(event)['ModifyIndex']) < event.Index;

const isForUs = (event: StreamEvent, places: ReadonlyMap<string, number>): boolean =>
  places.has(event.Key) || (places.size === 0 && payloadOf(event)['Namespace'] === NAMESPACE);
