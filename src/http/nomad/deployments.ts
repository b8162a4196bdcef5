/** /v1/deployments and /v1/deployment/…. */

import { SerinError } from '../../lib/errors.ts';
import type { DeploymentResult } from '../../server/operations.ts';
import { type Answer, found, missing, rows, written } from '../answer.ts';
import { answerRead } from '../blocking.ts';
import { type Body, bodyOf, textOf } from '../body.ts';
import type { HttpDeps } from '../deps.ts';
import { checkUuid, checkUuidPrefix, inNamespace, newestIndex, pageOf } from '../list.ts';
import type { Call, Route } from '../route.ts';
import { ofRow, stubRenderer } from './allocations.ts';
import { deploymentAnswer, explainedDeploymentAnswer } from './deployment-answer.ts';

export const deploymentRoutes = (deps: HttpDeps): readonly Route[] => [
  { path: '/v1/deployments', GET: (call) => list(deps, call) },
  { path: '/v1/deployment/:id', GET: (call) => read(deps, call) },
  { path: '/v1/deployment/allocations/:id', GET: (call) => allocations(deps, call) },
  { path: '/v1/deployment/fail/:id', PUT: (call) => fail(deps, call) },
  { path: '/v1/deployment/pause/:id', PUT: (call) => pause(deps, call) },
  { path: '/v1/deployment/promote/:id', PUT: (call) => promote(deps, call) },
  { path: '/v1/deployment/weight/:id', PUT: (call) => weigh(deps, call) },
  { path: '/v1/deployment/unblock/:id', PUT: (call) => unblock(deps, call) },
  { path: '/v1/deployment/allocation-health/:id', PUT: (call) => judge(deps, call) },
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
    return found(row.ModifyIndex, explainedDeploymentAnswer(tx, deps, row));
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

function fail({ server }: HttpDeps, call: Call): Promise<Answer> {
  return changed(server.failDeployment(idOf(call)));
}

function pause({ server }: HttpDeps, call: Call): Promise<Answer> {
  const { Pause } = bodyAbout(call);
  if (typeof Pause !== 'boolean') throw new SerinError('badRequest', 'Pause must be true or false');
  return changed(Pause ? server.pauseDeployment(idOf(call)) : server.resumeDeployment(idOf(call)));
}

function promote({ server }: HttpDeps, call: Call): Promise<Answer> {
  const { All, Groups } = bodyAbout(call);
  if (All === true) return changed(server.promoteDeployment(idOf(call)));
  const groups = namesIn(Groups, 'Groups');
  if (groups.length === 0) throw new SerinError('badRequest', 'Say All, or name the Groups to promote');
  return changed(server.promoteDeployment(idOf(call), groups));
}

/** Ours. */
function weigh({ server }: HttpDeps, call: Call): Promise<Answer> {
  const { Weight, Groups } = bodyAbout(call);
  if (typeof Weight !== 'number') throw new SerinError('badRequest', 'Weight must be a number: a percentage, 0 to 100');
  return changed(server.weighDeployment(idOf(call), Weight, namesIn(Groups, 'Groups')));
}

function unblock({ server }: HttpDeps, call: Call): Promise<Answer> {
  bodyAbout(call);
  return changed(server.unblockDeployment(idOf(call)));
}

function judge({ server }: HttpDeps, call: Call): Promise<Answer> {
  const body = bodyAbout(call);
  return changed(
    server.setAllocHealth({
      deploymentId: idOf(call),
      healthy: namesIn(body.HealthyAllocationIDs, 'HealthyAllocationIDs'),
      unhealthy: namesIn(body.UnhealthyAllocationIDs, 'UnhealthyAllocationIDs'),
    }),
  );
}

function bodyAbout(call: Call): Body {
  const body = bodyOf(call);
  const named = textOf(body.DeploymentID).toLowerCase();
  if (named !== '' && named !== idOf(call)) throw new SerinError('badRequest', 'Deployment ID does not match');
  return body;
}

function namesIn(list: unknown, field: string): string[] {
  if (list === undefined || list === null) return [];
  if (Array.isArray(list) && list.every((each) => typeof each === 'string')) return list;
  throw new SerinError('badRequest', `${field} must be a list of texts`);
}

async function changed(change: Promise<DeploymentResult>): Promise<Answer> {
  const result = await change.catch(asRefusal);
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
