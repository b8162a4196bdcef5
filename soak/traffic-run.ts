/** Updates of all kinds under all kinds of clients, for each data plane: undisturbed, (a) and (b) of the law. */
import { seededRandom } from '../src/lib/random.ts';
import { percentile } from './percentile.ts';
import { CLIENT_WORDS, type ClientFigures, type Clients, startClients } from './planes/clients.ts';
import { BACK_WITHIN_MS, Disturbance, disturbanceOf, Round, roundOf } from './planes/disturbances.ts';
import { ClientKind } from './planes/failures.ts';
import { Plane, startPlaneRig } from './planes/rig.ts';
import { SERVICE_WORDS } from './planes/service-job.ts';
import { UPDATE_KINDS, UpdatedService } from './planes/updates.ts';
import { lateFailures, type UpdateUnderLoad, updateOn } from './planes/updating.ts';
import type { SoakContext, SoakProgress, SoakRun } from './run.ts';

/** What `--only` says for the runs of both data planes. */
export const TRAFFIC = 'traffic';
/** 1,000 of each round. */
const UPDATES = 3000;

interface TrafficProgress extends SoakProgress {
  readonly updates: readonly UpdateUnderLoad[];
  readonly clients: ClientFigures;
}

const NO_CLIENTS: ClientFigures = {
  answers: { 'keep-alive': 0, fresh: 0, 'HTTP/2': 0, WebSocket: 0, download: 0 },
  politeCloses: 0,
  unanswered: 0,
  refused: 0,
};

export const trafficRun = (plane: Plane): SoakRun<TrafficProgress> => ({
  name: plane === Plane.embedded ? TRAFFIC : `${TRAFFIC}-${plane}`,
  title: `${UPDATES} consecutive updates of all kinds under five kinds of clients, data plane \`${plane}\``,
  total: UPDATES,
  unit: 'updates',
  setting: [
    SERVICE_WORDS,
    `Each update is one of: ${UPDATE_KINDS.join(', ')}; in turn. The next one begins when a deployment has succeeded and nothing older is wanted, while older instances still finish what is in flight.`,
    CLIENT_WORDS,
    `After six updates undisturbed come six of (a) and six of (b). (a): ${
      plane === Plane.haproxy
        ? 'in turn, the server and one of the two nodes’ agents end with SIGKILL, the process that steers HAProxy does, HAProxy is reloaded (SIGUSR2)'
        : 'the server and one of the two nodes’ agents end with SIGKILL'
    }, at a random moment of the first 0.6 s. (b): the data plane of one of the two ingresses, in turn, is killed (SIGKILL${plane === Plane.haproxy ? ', master and workers' : ''}) or frozen (SIGSTOP) for up to 1.7 s; every other scale, until an instance has stopped.`,
    'Failed: refused, reset, cut short, malformed, a status other than 200, a WebSocket that ends without a word, no answer within 30 s. Not failed: a stream of HTTP/2 that is refused (REFUSED_STREAM) as its connection says goodbye, which clients send again; it is counted. Each failure is held against the connection it was on, and the ingress that that one led to. It was open on the process that was killed if its connection is older than the signal; it came while nobody listened if its connection was asked for between the signal and the first socket of the next process at that address, by the kernel’s list of listeners and that process’s descriptors, looked at every millisecond by a thread of its own. Everything else is lost, in (b) as well.',
    'At the addresses of instances that stopped while the data plane was away, servers of the test wait for requests.',
    ...(plane === Plane.haproxy
      ? [
          'HAProxy writes no close frame into a WebSocket: at the drain’s deadline it ends the connection, in order (FIN). That is counted as told to close, from the deadline on only.',
        ]
      : []),
  ],
  start: { done: 0, failures: [], updates: [], clients: NO_CLIENTS },
  run: (context) => run(plane, context),
  figures,
});

async function run(plane: Plane, context: SoakContext<TrafficProgress>): Promise<TrafficProgress> {
  const { before, signal, save } = context;
  const from = before.done + 1;
  const rig = await startPlaneRig(plane);
  let progress = doneOf(before);
  try {
    const service = new UpdatedService(rig);
    await service.start(from - 1);
    const clients = startClients(rig);
    const onUpdate = (update: UpdateUnderLoad): boolean => {
      progress = withUpdate(progress, update);
      save({ ...progress, clients: sum(before.clients, clients.figures()) });
      return !signal.aborted;
    };
    const disturbance = (number: number, kind: UpdateUnderLoad['kind']) => disturbanceOf(number, kind, plane);
    const random = seededRandom(`${plane} ${from}`);
    try {
      await updateOn({ rig, service, clients, random, from, updates: UPDATES, disturbance, onUpdate });
    } finally {
      progress = await ended(progress, before, clients);
      save(progress);
    }
    return progress;
  } finally {
    await rig.close();
  }
}

/** Without those that are done again: their failures go with them. */
function doneOf(before: TrafficProgress): TrafficProgress {
  const again = before.updates.filter((each) => each.number > before.done);
  const forgotten = new Set(again.flatMap((each) => each.problems));
  return {
    ...before,
    updates: before.updates.filter((each) => each.number <= before.done),
    failures: before.failures.filter((each) => !forgotten.has(each)),
  };
}

const withUpdate = (progress: TrafficProgress, update: UpdateUnderLoad): TrafficProgress => ({
  ...progress,
  done: update.number,
  updates: [...progress.updates, update],
  failures: [...progress.failures, ...update.problems],
});

async function ended(progress: TrafficProgress, before: TrafficProgress, clients: Clients): Promise<TrafficProgress> {
  await clients.stop();
  const late = lateFailures(clients).map((each) => `after update ${progress.done}: ${each}`);
  return {
    ...progress,
    failures: [...progress.failures, ...late],
    clients: sum(before.clients, clients.figures()),
  };
}

function figures({ updates, clients, failures }: TrafficProgress): (readonly [string, string])[] {
  const of = (round: Round): UpdateUnderLoad[] => updates.filter((each) => roundOf(each.number) === round);
  const quiet = of(Round.quiet).map((each) => each.tookMs);
  const away = (...how: Disturbance[]): number[] =>
    updates.flatMap((each) => (how.includes(each.disturbance) && each.awayMs !== undefined ? [each.awayMs] : []));
  const lost = (round: Round): number => of(round).filter((each) => each.problems.length > 0).length;
  const killed = away(Disturbance.killed);
  const total = (value: (update: UpdateUnderLoad) => number): number =>
    updates.reduce((sum, each) => sum + value(each), 0);
  return [
    [
      'updates undisturbed / (a) / (b)',
      Object.values(Round)
        .map((round) => of(round).length)
        .join(' / '),
    ],
    ['of these with a request lost or anything else wrong', Object.values(Round).map(lost).join(' / ')],
    ['everything that went wrong', `${failures.length}`],
    ...Object.values(ClientKind).map((kind) => [`answers, ${kind}`, `${clients.answers[kind]}`] as const),
    ['WebSockets told to close at the drain’s deadline', `${clients.politeCloses}`],
    ['of these with a message under way', `${clients.unanswered}`],
    ['streams of HTTP/2 refused before anything was done with them, and sent again', `${clients.refused}`],
    ['disturbed', counted(updates)],
    ['(b): failed, open on that process', `${total((each) => each.openThere)}`],
    ['(b): failed, came while nobody listened', `${total((each) => each.nobodyListened)}`],
    ['(b): instances that stopped meanwhile, whose addresses were watched', `${total((each) => each.stopped)}`],
    ['(b): answers through the other ingress meanwhile', `${total((each) => each.answeredElsewhere)}`],
    ['killed: nobody listened there for, p50 / p99 / longest', spread(killed)],
    [
      'beside it, from the start to the end of a Node.js process that does nothing, p50 / p99 / longest',
      spread(updates.flatMap(({ bareMs }) => (bareMs === undefined ? [] : [bareMs]))),
    ],
    [
      `killed: back within ${BACK_WITHIN_MS} ms`,
      `${killed.filter((ms) => ms < BACK_WITHIN_MS).length} of ${killed.length}`,
    ],
    [
      'frozen: from being told to go on to an answer, p50 / p99 / longest',
      spread(away(Disturbance.frozen, Disturbance.frozenLong)),
    ],
    ['an update undisturbed, p50 / p99 / longest', spread(quiet)],
  ];
}

function counted(updates: readonly UpdateUnderLoad[]): string {
  const counts = Object.values(Disturbance)
    .filter((each) => each !== Disturbance.none)
    .map((each) => ({ each, count: updates.filter((update) => update.disturbance === each).length }));
  return counts
    .filter(({ count }) => count > 0)
    .map(({ each, count }) => `${each}: ${count}`)
    .join('; ');
}

const spread = (all: readonly number[]): string =>
  `${[0.5, 0.99, 1].map((share) => (all.length === 0 ? '–' : Math.round(percentile(all, share)))).join(' / ')} ms`;

function sum(a: ClientFigures, b: ClientFigures): ClientFigures {
  const answers = { ...a.answers };
  for (const kind of Object.values(ClientKind)) answers[kind] += b.answers[kind];
  return {
    answers,
    politeCloses: a.politeCloses + b.politeCloses,
    unanswered: a.unanswered + b.unanswered,
    refused: a.refused + b.refused,
  };
}
