/** /v2/events: what becomes durable, as server-sent events; an empty line now and then while nothing happens. */
import { eventFrame, HEARTBEAT_FRAME, type MarathonEvent } from '../../marathon/events.ts';
import { timestampOf } from '../../model/nanos.ts';
import type { CommittedTransaction } from '../../state/types.ts';
import { type Answer, stream } from '../answer.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { Call } from '../route.ts';
import type { MarathonDeps } from './deps.ts';
import { MarathonRefusal } from './errors.ts';
import { marathonEvents } from './event-source.ts';
import type { MarathonRoute } from './route.ts';
import { worldOf } from './world.ts';

/** Old marathon-lb gives up after 46 s of silence. */
const HEARTBEAT_MS = 10_000;

export const eventRoutes = (deps: MarathonDeps): readonly MarathonRoute[] => [
  { path: '/v2/events', GET: (call) => events(deps, call) },
];

function events(deps: MarathonDeps, call: Call): Answer {
  if (!/text\/event-stream/.test(call.headers.accept ?? '')) {
    throw new MarathonRefusal(405, 'Events are a stream: ask for it with "Accept: text/event-stream".');
  }
  const { state, clock } = deps;
  const transactions = state.subscribe({ afterIndex: state.index }, call.signal);
  return stream(frames(deps, call, withHeartbeat(transactions, clock, HEARTBEAT_MS)), 'text/event-stream');
}

async function* frames(
  deps: MarathonDeps,
  call: Call,
  transactions: AsyncIterable<CommittedTransaction | undefined>,
): AsyncGenerator<string> {
  const { query } = call;
  const wanted = query.all('event_type');
  const text = (list: readonly MarathonEvent[]): string =>
    list
      .filter(({ eventType }) => wanted.length === 0 || wanted.includes(eventType))
      .map(eventFrame)
      .join('');
  const now = (): string => timestampOf(deps.clock.nowMs());
  const options = { isLight: query.text('plan-format') === 'light', told: new Map() };
  // The answer's head goes out with its first bytes, and some wait for it.
  yield text([{ eventType: 'event_stream_attached', remoteAddress: call.clientIp ?? '', timestamp: now() }]) ||
    HEARTBEAT_FRAME;
  for await (const transaction of transactions) {
    if (transaction === undefined) {
      yield HEARTBEAT_FRAME;
      continue;
    }
    const list = deps.state.view((tx) => marathonEvents(transaction, worldOf(deps, tx), now(), options));
    const frame = text(list);
    if (frame !== '') yield frame;
  }
}
