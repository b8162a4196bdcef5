/** /v1/allocations and /v1/allocation/:id. */

import { allocStub, allocView } from '../../model/alloc-view.ts';
import type { Allocation } from '../../model/allocation.ts';
import type { Change, ReadTx } from '../../state/types.ts';
import { type Answer, found, missing, type ReadAnswer, rows, written } from '../answer.ts';
import { answerRead } from '../blocking.ts';
import type { HttpDeps } from '../deps.ts';
import { checkPrefixOf, checkUuid, inNamespace, pageOf } from '../list.ts';
import type { Call, Route } from '../route.ts';
import { jobLookup, jobOf } from './job-lookup.ts';

export const allocationRoutes = (deps: HttpDeps): readonly Route[] => [
  { path: '/v1/allocations', GET: (call) => list(deps, call) },
  { path: '/v1/allocation/:id', GET: (call) => read(deps, call) },
  { path: '/v1/allocation/:id/stop', PUT: (call) => stop(deps, call) },
];

function list(deps: HttpDeps, call: Call): Promise<Answer> {
  checkPrefixOf('alloc', call.query.prefix);
  return answerRead(deps, call, { tables: ['allocs'] }, (tx) => listIn(tx, call));
}

function listIn(tx: ReadTx, call: Call): ReadAnswer {
  const { query } = call;
  const page = pageOf(
    tx.allocs(),
    query,
    (alloc) => alloc.ID,
    (alloc) => inNamespace(query, alloc) && alloc.ID.startsWith(query.prefix.toLowerCase()),
  );
  const answer = rows(page.rows, stubRenderer(tx, page.rows, call), page.nextToken);
  return { index: tx.tableIndex('allocs'), answer };
}

/** Resources only where asked for; task states unless not wanted. */
export function stubRenderer(
  tx: ReadTx,
  allocs: readonly Allocation[],
  { query }: Call,
): (alloc: Allocation) => unknown {
  const jobs = jobLookup(tx, allocs);
  const options = { resources: query.flag('resources'), taskStates: query.flag('task_states', true) };
  return (alloc) => allocStub(alloc, jobs(alloc), options);
}

function read(deps: HttpDeps, call: Call): Promise<Answer> {
  const id = idOf(call);
  return answerRead(deps, call, { tables: ['allocs'], relevant: ofRow(id) }, (tx) => {
    const alloc = tx.alloc(id);
    if (alloc === undefined) return missing(tx.tableIndex('allocs'), 'alloc not found');
    const view = allocView(alloc, jobOf(tx, alloc), tx.node(alloc.NodeID));
    // Some kilobytes: here only, not in lists and events.
    return found(alloc.ModifyIndex, alloc.Output ? { ...view, Output: alloc.Output } : view);
  });
}

async function stop({ server }: HttpDeps, call: Call): Promise<Answer> {
  const hurried = call.query.flag('no_shutdown_delay') ? [{ noShutdownDelay: true }] : [];
  const { EvalID, Index } = await server.stopAlloc(idOf(call), ...hurried);
  return written({ EvalID, Index }, Index);
}

function idOf(call: Call): string {
  const id = (call.params.id ?? '').toLowerCase();
  checkUuid(id, 'alloc');
  return id;
}

/** Whether a change is of the row with this id. */
export function ofRow(id: string): (change: Change) => boolean {
  return ({ before, after }) => ((after ?? before) as { readonly ID: string }).ID === id;
}
