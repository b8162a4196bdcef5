/** /v1/evaluations and /v1/evaluation/:id. */

import { evaluationView } from '../../model/evaluation-view.ts';
import { type Answer, found, missing, rows } from '../answer.ts';
import { answerRead } from '../blocking.ts';
import type { HttpDeps } from '../deps.ts';
import { checkPrefixOf, checkUuid, inNamespace, newestIndex, pageOf } from '../list.ts';
import type { Call, Route } from '../route.ts';
import { ofRow, stubRenderer } from './allocations.ts';

export const evaluationRoutes = (deps: HttpDeps): readonly Route[] => [
  { path: '/v1/evaluations', GET: (call) => list(deps, call) },
  { path: '/v1/evaluation/:id', GET: (call) => read(deps, call) },
  { path: '/v1/evaluation/:id/allocations', GET: (call) => allocations(deps, call) },
];

function list(deps: HttpDeps, call: Call): Promise<Answer> {
  const { query } = call;
  checkPrefixOf('eval', query.prefix);
  return answerRead(deps, call, { tables: ['evals'] }, (tx) => {
    const page = pageOf(
      tx.evaluations(),
      query,
      (each) => each.ID,
      (each) => inNamespace(query, each) && each.ID.startsWith(query.prefix.toLowerCase()),
    );
    return { index: tx.tableIndex('evals'), answer: rows(page.rows, evaluationView, page.nextToken) };
  });
}

function read(deps: HttpDeps, call: Call): Promise<Answer> {
  const id = idOf(call);
  return answerRead(deps, call, { tables: ['evals'], relevant: ofRow(id) }, (tx) => {
    const row = tx.evaluation(id);
    return row ? found(row.ModifyIndex, evaluationView(row)) : missing(tx.tableIndex('evals'), 'eval not found');
  });
}

function allocations(deps: HttpDeps, call: Call): Promise<Answer> {
  const id = idOf(call);
  return answerRead(deps, call, { tables: ['allocs'] }, (tx) => {
    const allocs = tx.allocsByEval(id);
    return {
      index: newestIndex(allocs, tx.tableIndex('allocs')),
      answer: rows(allocs, stubRenderer(tx, allocs, call)),
    };
  });
}

function idOf(call: Call): string {
  const id = (call.params.id ?? '').toLowerCase();
  checkUuid(id, 'eval');
  return id;
}
