/** /v1/nodes and /v1/node/:id. */
import { SerinError } from '../../lib/errors.ts';
import { allocView } from '../../model/alloc-view.ts';
import { nodeStub, nodeView } from '../../model/node-view.ts';
import type { EvalResult } from '../../server/operations.ts';
import type { ReadTx } from '../../state/types.ts';
import { type Answer, found, missing, rows, written } from '../answer.ts';
import { answerRead } from '../blocking.ts';
import { bodyOf } from '../body.ts';
import type { HttpDeps } from '../deps.ts';
import { checkUuid, checkUuidPrefix, newestIndex, pageOf } from '../list.ts';
import type { Call, Route } from '../route.ts';
import { ofRow } from './allocations.ts';
import { asRefusal } from './deployments.ts';
import { drainRequestOf } from './drain-request.ts';
import { jobLookup } from './job-lookup.ts';

export const nodeRoutes = (deps: HttpDeps): readonly Route[] => [
  { path: '/v1/nodes', GET: (call) => list(deps, call) },
  { path: '/v1/node/:id', GET: (call) => read(deps, call) },
  { path: '/v1/node/:id/allocations', GET: (call) => allocations(deps, call) },
  { path: '/v1/node/:id/drain', PUT: (call) => drain(deps, call) },
  { path: '/v1/node/:id/eligibility', PUT: (call) => setEligibility(deps, call) },
  { path: '/v1/node/:id/purge', PUT: (call) => purge(deps, call) },
  { path: '/v1/node/:id/evaluate', PUT: (call) => evaluate(deps, call) },
];

function list(deps: HttpDeps, call: Call): Promise<Answer> {
  const { query } = call;
  checkUuidPrefix(query.prefix);
  return answerRead(deps, call, { tables: ['nodes'] }, (tx) => {
    const page = pageOf(
      tx.nodes(),
      query,
      (node) => node.ID,
      (node) => node.ID.startsWith(query.prefix.toLowerCase()),
    );
    const options = { resources: query.flag('resources') };
    return {
      index: tx.tableIndex('nodes'),
      answer: rows(page.rows, (node) => nodeStub(node, options), page.nextToken),
    };
  });
}

function read(deps: HttpDeps, call: Call): Promise<Answer> {
  const id = idOf(call);
  return answerRead(deps, call, { tables: ['nodes'], relevant: ofRow(id) }, (tx) => {
    const node = tx.node(id);
    return node
      ? found(node.ModifyIndex, nodeView(node, deps.server.drainWaits(id)))
      : missing(tx.tableIndex('nodes'), 'node not found');
  });
}

function allocations(deps: HttpDeps, call: Call): Promise<Answer> {
  const id = idOf(call);
  return answerRead(deps, call, { tables: ['allocs'] }, (tx) => {
    const allocs = tx.allocsByNode(id);
    const jobs = jobLookup(tx, allocs);
    const node = tx.node(id);
    return {
      index: newestIndex(allocs, tx.tableIndex('allocs')),
      answer: rows(allocs, (alloc) => allocView(alloc, jobs(alloc), node)),
    };
  });
}

async function setEligibility({ server, state }: HttpDeps, call: Call): Promise<Answer> {
  const eligibility = bodyOf(call).Eligibility;
  if (eligibility !== 'eligible' && eligibility !== 'ineligible') {
    throw new SerinError('badRequest', 'Eligibility must be "eligible" or "ineligible".');
  }
  const id = idOf(call);
  const result = await server.setEligibility(id, eligibility).catch(asRefusal);
  return nodeWritten(
    [result],
    state.view((tx) => nodeModifyIndex(tx, id)),
  );
}

/** The drain itself goes on behind the answer: it says what was written, not what became of it. */
async function drain({ server }: HttpDeps, call: Call): Promise<Answer> {
  const result = await server.drainNode(idOf(call), drainRequestOf(bodyOf(call))).catch(asRefusal);
  return written({ ...result, EvalIDs: result.EvalIDs.length > 0 ? result.EvalIDs : null }, result.Index);
}

async function purge({ server }: HttpDeps, call: Call): Promise<Answer> {
  const result = await server.purgeNode(idOf(call)).catch(asRefusal);
  return nodeWritten([result], result.Index);
}

/** An evaluation for each job that has an allocation here. */
async function evaluate({ server, state }: HttpDeps, call: Call): Promise<Answer> {
  const id = idOf(call);
  const jobs = state.view((tx) => {
    if (tx.node(id) === undefined) throw new SerinError('notFound', 'node not found');
    return new Map(tx.allocsByNode(id).map((alloc) => [`${alloc.Namespace}\0${alloc.JobID}`, alloc]));
  });
  const results: EvalResult[] = [];
  for (const alloc of jobs.values()) {
    results.push(await server.evaluateJob(alloc.Namespace, alloc.JobID, { forceReschedule: false }));
  }
  return nodeWritten(
    results,
    state.view((tx) => nodeModifyIndex(tx, id)),
  );
}

const nodeModifyIndex = (tx: ReadTx, id: string): number => tx.node(id)?.ModifyIndex ?? 0;

function nodeWritten(results: readonly EvalResult[], modifyIndex: number): Answer {
  const made = results.filter((result) => result.EvalID !== '');
  const index = Math.max(modifyIndex, ...results.map((result) => result.Index));
  return written(
    {
      EvalIDs: made.length === 0 ? null : made.map((result) => result.EvalID),
      EvalCreateIndex: Math.max(0, ...made.map((result) => result.EvalCreateIndex)),
      NodeModifyIndex: modifyIndex,
      Index: index,
    },
    index,
  );
}

function idOf(call: Call): string {
  const id = (call.params.id ?? '').toLowerCase();
  checkUuid(id, 'node');
  return id;
}
