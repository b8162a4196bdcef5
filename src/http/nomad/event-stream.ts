/** /v1/event/stream: what becomes durable, as lines of JSON; `{}` now and then while nothing happens. */
import { SerinError } from '../../lib/errors.ts';
import { allocView } from '../../model/alloc-view.ts';
import type { Allocation } from '../../model/allocation.ts';
import type { Deployment } from '../../model/deployment.ts';
import { deploymentView } from '../../model/deployment-view.ts';
import type { Evaluation } from '../../model/evaluation.ts';
import { evaluationView } from '../../model/evaluation-view.ts';
import type { Node } from '../../model/node.ts';
import { nodeView } from '../../model/node-view.ts';
import type { CommittedTransaction } from '../../state/types.ts';
import { type Answer, stream } from '../answer.ts';
import type { HttpDeps, StateReader } from '../deps.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { Call, Route } from '../route.ts';
import { startReading } from '../start-reading.ts';
import { type Event, EventTopics, eventsOf } from './events.ts';
import { jobOf } from './job-lookup.ts';

const HEARTBEAT_MS = 10_000;
/** An index that is too old is refused at once; a quiet stream need not wait long for that. */
const HEAD_AFTER_MS = 20;
/** So many events are made into text before others get their turn. */
const EVENTS_A_PIECE = 100;

export const eventStreamRoutes = (deps: HttpDeps): readonly Route[] => [
  { path: '/v1/event/stream', streams: true, GET: (call) => events(deps, call) },
];

async function events({ state, clock }: HttpDeps, call: Call): Promise<Answer> {
  const wanted = wantedOf(call);
  const afterIndex = call.query.index > 0 ? call.query.index - 1 : state.index;
  const transactions = await startReading(state.subscribe({ afterIndex }, call.signal), clock, HEAD_AFTER_MS);
  return stream(lines(state, withHeartbeat(transactions, clock, HEARTBEAT_MS), wanted), 'application/json');
}

async function* lines(
  state: StateReader,
  transactions: AsyncIterable<CommittedTransaction | undefined>,
  wanted: (event: Event) => boolean,
): AsyncGenerator<string> {
  yield '{}\n';
  for await (const transaction of transactions) {
    if (transaction === undefined) yield '{}\n';
    else yield* line(state, transaction.index, eventsOf(transaction).filter(wanted));
  }
}

async function* line(state: StateReader, index: number, list: readonly Event[]): AsyncGenerator<string> {
  if (list.length === 0) return;
  yield `{"Index":${index},"Events":[`;
  for (let from = 0; from < list.length; from += EVENTS_A_PIECE) {
    if (from > 0) await new Promise((resolve) => setImmediate(resolve));
    const piece = list.slice(from, from + EVENTS_A_PIECE).map((event) => textOfEvent(state, event));
    yield (from > 0 ? ',' : '') + piece.join(',');
  }
  yield ']}\n';
}

function textOfEvent(state: StateReader, { row, ...event }: Event): string {
  return JSON.stringify({ ...event, Payload: { [event.Topic]: payloadOf(state, event.Topic, row) } });
}

function payloadOf(state: StateReader, topic: Event['Topic'], row: unknown): unknown {
  switch (topic) {
    case 'Job':
      return row;
    case 'Evaluation':
      return evaluationView(row as Evaluation);
    case 'Deployment':
      return deploymentView(row as Deployment);
    case 'Node':
      return nodeView(row as Node);
    case 'Allocation':
      return withoutJob(state, row as Allocation);
  }
}

/** The wire leaves the job out: each of a thousand allocations would repeat it. Ours: what lists say of it. */
function withoutJob(state: StateReader, alloc: Allocation): object {
  return state.view((tx) => {
    const job = jobOf(tx, alloc);
    const { Job: _job, ...view } = allocView(alloc, job, tx.node(alloc.NodeID)) as Record<string, unknown>;
    return { ...view, JobType: job?.Type ?? '', JobVersion: alloc.JobVersion };
  });
}

/** `topic=Job:web`, `topic=Allocation`, `topic=*`, any number of them; none: everything. */
function wantedOf({ query }: Call): (event: Event) => boolean {
  const filters = query.all('topic').map(filterOf);
  const isInNamespace = (event: Event) =>
    event.Namespace === '' || query.namespace === '*' || event.Namespace === query.namespace;
  if (filters.length === 0) return isInNamespace;
  return (event) => isInNamespace(event) && filters.some((matches) => matches(event));
}

function filterOf(text: string): (event: Event) => boolean {
  const at = text.indexOf(':');
  const topic = at < 0 ? text : text.slice(0, at);
  const key = at < 0 ? '*' : text.slice(at + 1);
  if (topic !== '*' && !(topic in EventTopics)) {
    const known = Object.keys(EventTopics).join(', ');
    throw new SerinError('badRequest', `The topic ${JSON.stringify(topic)} is unknown; it is * or one of ${known}.`);
  }
  return (event) => (topic === '*' || event.Topic === topic) && (key === '*' || hasKey(event, key));
}

const hasKey = (event: Event, key: string): boolean => event.Key === key || event.FilterKeys?.includes(key) === true;
