/** /v2/events: what becomes durable, as server-sent events; an empty line now and then while nothing happens. */
import { eventFrame, HEARTBEAT_FRAME, type MarathonEvent, type MarathonEventType } from '../../marathon/events.ts';
import { timestampOf } from '../../model/nanos.ts';
import type { CommittedTransaction } from '../../state/types.ts';
import { type Answer, stream } from '../answer.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { Call } from '../route.ts';
import type { MarathonDeps } from './deps.ts';
import { MarathonRefusal } from './errors.ts';
import { EventReaders } from './event-readers.ts';
import { marathonEvents } from './event-source.ts';
import type { MarathonRoute } from './route.ts';
import { worldOf } from './world.ts';

/** Old marathon-lb gives up after 46 s of silence. */
const HEARTBEAT_MS = 10_000;

export const eventRoutes = (deps: MarathonDeps): readonly MarathonRoute[] => {
  const readers = new EventReaders();
  return [{ path: '/v2/events', GET: (call) => events(deps, readers, call) }];
};

function events(deps: MarathonDeps, readers: EventReaders, call: Call): Answer {
  if (!/text\/event-stream/.test(call.headers.accept ?? '')) {
    throw new MarathonRefusal(405, 'Events are a stream: ask for it with "Accept: text/event-stream".');
  }
  const { state } = deps;
  const transactions = state.subscribe({ afterIndex: state.index }, call.signal);
  return stream(attached(deps, readers, call, transactions), 'text/event-stream');
}

/** Others hear that it begins, and that it has ended. */
async function* attached(
  deps: MarathonDeps,
  readers: EventReaders,
  call: Call,
  transactions: AsyncIterable<CommittedTransaction>,
): AsyncGenerator<string> {
  const event = (eventType: MarathonEventType): MarathonEvent => ({
    eventType,
    remoteAddress: call.clientIp ?? '',
    timestamp: timestampOf(deps.clock.nowMs()),
  });
  const reader = readers.join();
  try {
    const begin = event('event_stream_attached');
    readers.tell(begin, reader);
    const items = withHeartbeat(reader.among(transactions, call.signal), deps.clock, HEARTBEAT_MS);
    yield* frames(deps, call, begin, items);
  } finally {
    reader.leave();
    readers.tell(event('event_stream_detached'), reader);
  }
}

async function* frames(
  deps: MarathonDeps,
  { query }: Call,
  begin: MarathonEvent,
  items: AsyncIterable<CommittedTransaction | readonly MarathonEvent[] | undefined>,
): AsyncGenerator<string> {
  const wanted = query.all('event_type');
  const text = (list: readonly MarathonEvent[]): string =>
    list
      .filter(({ eventType }) => wanted.length === 0 || wanted.includes(eventType))
      .map(eventFrame)
      .join('');
  const now = (): string => timestampOf(deps.clock.nowMs());
  const options = { isLight: query.text('plan-format') === 'light', told: new Map() };
  // The answer's head goes out with its first bytes, and some wait for it.
  yield text([begin]) || HEARTBEAT_FRAME;
  for await (const item of items) {
    if (item === undefined) {
      yield HEARTBEAT_FRAME;
      continue;
    }
    const list =
      'changes' in item ? deps.state.view((tx) => marathonEvents(item, worldOf(deps, tx), now(), options)) : item;
    const frame = text(list);
    if (frame !== '') yield frame;
  }
}
