/** /v2/queue: the apps that lack instances, for want of room or because a delay is not over. */
import { jobIdOf, toPath } from '../../marathon/app-id.ts';
import { appOf } from '../../marathon/app-view.ts';
import { offersSummary, queueDelay } from '../../marathon/queue-view.ts';
import { isTerminal } from '../../model/allocation.ts';
import type { Evaluation } from '../../model/evaluation.ts';
import { DEFAULT_NAMESPACE } from '../../model/job.ts';
import { epochMsOf, timestampOf } from '../../model/nanos.ts';
import { MarathonNotFound } from '../../server/marathon/operations.ts';
import { type Answer, empty, json } from '../answer.ts';
import type { Call } from '../route.ts';
import type { MarathonDeps } from './deps.ts';
import type { MarathonRoute } from './route.ts';
import { allocsOf, readWorld, type World } from './world.ts';

export const queueRoutes = (deps: MarathonDeps): readonly MarathonRoute[] => [
  { path: '/v2/queue', GET: (call) => showQueue(deps, call) },
  { path: '/v2/queue/{id}/delay', DELETE: (call) => endDelay(deps, call) },
];

async function showQueue(deps: MarathonDeps, { query }: Call): Promise<Answer> {
  const showsOffers = query.all('embed').includes('lastUnusedOffers');
  const queue = await readWorld(deps, (world) => [...world.root.apps.keys()].sort().flatMap((id) => itemOf(world, id)));
  return json({ queue: queue.map((item) => ({ ...item, ...(showsOffers && { lastUnusedOffers: [] }) })) });
}

function itemOf(world: World, id: string): object[] {
  const state = world.root.apps.get(id)!;
  const job = world.tx.job(DEFAULT_NAMESPACE, jobIdOf(id));
  // What a deployment has not begun with yet is not in the queue.
  const wanted = job?.TaskGroups[0]?.Count ?? 0;
  const count = wanted - allocsOf(world, id).filter((alloc) => !isTerminal(alloc)).length;
  if (count <= 0) return [];
  const evaluations = world.tx.evaluationsByJob(DEFAULT_NAMESPACE, jobIdOf(id));
  const failed = newest(evaluations.filter(({ FailedTGAllocs }) => FailedTGAllocs !== undefined));
  const metric = Object.values(failed?.FailedTGAllocs ?? {})[0];
  return [
    {
      app: appOf(state),
      count,
      delay: queueDelay(waitOf(evaluations), world.nowMs),
      since: timestampOf(epochMsOf(failed?.CreateTime ?? job?.SubmitTime ?? 0)),
      processedOffersSummary: offersSummary(metric, failed ? timestampOf(epochMsOf(failed.ModifyTime)) : null),
    },
  ];
}

const newest = (evaluations: readonly Evaluation[]): Evaluation | undefined =>
  evaluations.reduce<Evaluation | undefined>(
    (last, each) => (last && last.CreateIndex >= each.CreateIndex ? last : each),
    undefined,
  );

/** When the first of those that wait may start. */
function waitOf(evaluations: readonly Evaluation[]): number | undefined {
  const waits = evaluations.flatMap(({ Status, WaitUntilMs }) =>
    Status === 'pending' && WaitUntilMs ? [WaitUntilMs] : [],
  );
  return waits.length === 0 ? undefined : Math.min(...waits);
}

async function endDelay(deps: MarathonDeps, { params }: Call): Promise<Answer> {
  const id = toPath(params.id ?? '');
  const isQueued = await readWorld(deps, (world) => world.root.apps.has(id) && itemOf(world, id).length > 0);
  if (!isQueued) throw new MarathonNotFound(`Application ${id} not found in tasks queue.`);
  await deps.server.evaluateJob(DEFAULT_NAMESPACE, jobIdOf(id), { forceReschedule: true });
  return empty(204);
}
