/** /v1/deployments and /v1/deployment/…. */

import { SerinError } from '../../lib/errors.ts';
import { type Answer, found, missing, rows, written } from '../answer.ts';
import { answerRead } from '../blocking.ts';
import type { HttpDeps } from '../deps.ts';
import { checkUuid, checkUuidPrefix, inNamespace, newestIndex, pageOf } from '../list.ts';
import type { Call, Route } from '../route.ts';
import { ofRow, stubRenderer } from './allocations.ts';
import { deploymentAnswer } from './deployment-answer.ts';

export const deploymentRoutes = (deps: HttpDeps): readonly Route[] => [
  { path: '/v1/deployments', GET: (call) => list(deps, call) },
  { path: '/v1/deployment/:id', GET: (call) => read(deps, call) },
  { path: '/v1/deployment/allocations/:id', GET: (call) => allocations(deps, call) },
  { path: '/v1/deployment/fail/:id', PUT: (call) => fail(deps, call) },
];

function list(deps: HttpDeps, call: Call): Promise<Answer> {
  const { query } = call;
  checkUuidPrefix(query.prefix);
  return answerRead(deps, call, { tables: ['deployments'] }, (tx) => {
    const page = pageOf(
      tx.deployments(),
      query,
      (each) => each.ID,
      (each) => inNamespace(query, each) && each.ID.startsWith(query.prefix.toLowerCase()),
    );
    const list = page.rows.map((each) => deploymentAnswer(tx, deps, each));
    return { index: tx.tableIndex('deployments'), answer: rows(list, (each) => each, page.nextToken) };
  });
}

function read(deps: HttpDeps, call: Call): Promise<Answer> {
  const id = idOf(call);
  return answerRead(deps, call, { tables: ['deployments'], relevant: ofRow(id) }, (tx) => {
    const row = tx.deployment(id);
    if (row === undefined) return missing(tx.tableIndex('deployments'), 'deployment not found');
    return found(row.ModifyIndex, deploymentAnswer(tx, deps, row));
  });
}

function allocations(deps: HttpDeps, call: Call): Promise<Answer> {
  const id = idOf(call);
  return answerRead(deps, call, { tables: ['allocs'] }, (tx) => {
    const allocs = tx.allocsByDeployment(id);
    return {
      index: newestIndex(allocs, tx.tableIndex('allocs')),
      answer: rows(allocs, stubRenderer(tx, allocs, call)),
    };
  });
}

async function fail({ server }: HttpDeps, call: Call): Promise<Answer> {
  const result = await server.failDeployment(idOf(call)).catch(asRefusal);
  const { EvalID, EvalCreateIndex, DeploymentModifyIndex, RevertedJobVersion, Index } = result;
  return written({ EvalID, EvalCreateIndex, DeploymentModifyIndex, RevertedJobVersion, Index }, Index);
}

/** The wire answers a write to what does not exist with 500, where a read says 404. */
export function asRefusal(error: unknown): never {
  if (error instanceof SerinError && error.code === 'notFound') throw new SerinError('lookupFailed', error.message);
  throw error;
}

function idOf(call: Call): string {
  const id = (call.params.id ?? '').toLowerCase();
  checkUuid(id, 'deployment');
  return id;
}
