/** Follows the event stream: when an instance was to stop, when every ingress had applied it, when it was drained. */
import { get, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';

interface DrainTimes {
  /** Decision to applied, for each instance that was stopped. */
  readonly appliedMs: readonly number[];
  /** Applied to drained. */
  readonly drainedMs: readonly number[];
}

interface Seen {
  decidedMs: number;
  appliedMs?: number;
  drainedMs?: number;
}

interface AllocEvent {
  readonly Topic: string;
  readonly Payload: {
    readonly Allocation?: {
      readonly ID: string;
      readonly DesiredStatus: string;
      readonly Traffic?: { readonly Ready: boolean; readonly Applied: boolean; readonly Drained: boolean };
    };
  };
}

interface Followed {
  /** How many of the instances that are wanted did not serve at the worst moment since it was asked last. */
  takeDip(): number;
  stop(): DrainTimes;
}

/** `count`: how many instances are wanted. */
export function followDrains(address: string, count = 0): Followed {
  const seen = new Map<string, Seen>();
  const serving = new Set<string>();
  let dip = 0;
  const noteServing = ({ Payload: { Allocation: alloc } }: AllocEvent): void => {
    if (alloc === undefined) return;
    if (alloc.DesiredStatus === 'run' && alloc.Traffic?.Ready) serving.add(alloc.ID);
    else serving.delete(alloc.ID);
  };
  const request = get(`${address}/v1/event/stream?topic=Allocation`, (response: IncomingMessage) => {
    const lines = createInterface({ input: response });
    // It ends by being cut off.
    lines.on('error', () => {});
    lines.on('line', (line) => {
      const { Events = [] } = JSON.parse(line) as { readonly Events?: readonly AllocEvent[] };
      for (const event of Events) {
        note(seen, event, performance.now());
        noteServing(event);
      }
      // All of one transaction: what it stops and what takes its place.
      dip = Math.max(dip, count - serving.size);
    });
  });
  request.on('error', () => {});
  return {
    takeDip() {
      const worst = dip;
      dip = 0;
      return worst;
    },
    stop() {
      request.destroy();
      return timesOf([...seen.values()]);
    },
  };
}

function note(seen: Map<string, Seen>, { Payload }: AllocEvent, nowMs: number): void {
  const alloc = Payload.Allocation;
  if (alloc?.DesiredStatus !== 'stop') return;
  const times = seen.get(alloc.ID) ?? { decidedMs: nowMs };
  seen.set(alloc.ID, times);
  if (alloc.Traffic?.Applied) times.appliedMs ??= nowMs;
  if (alloc.Traffic?.Drained) times.drainedMs ??= nowMs;
}

function timesOf(all: readonly Seen[]): DrainTimes {
  const appliedMs = all.flatMap((times) => (times.appliedMs === undefined ? [] : [times.appliedMs - times.decidedMs]));
  const drainedMs = all.flatMap(({ appliedMs: applied, drainedMs: drained }) =>
    applied === undefined || drained === undefined ? [] : [drained - applied],
  );
  return { appliedMs, drainedMs };
}
