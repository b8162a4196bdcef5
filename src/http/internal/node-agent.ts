/** Ours: what node agents on other machines say and ask. Every answer is level-triggered, as in-process. */
import { SerinError } from '../../lib/errors.ts';
import type { AllocUpdate } from '../../model/allocation.ts';
import type { Node } from '../../model/node.ts';
import { nodeAssignment, touchesNode } from '../../server/node-assignment.ts';
import { type Answer, found, json } from '../answer.ts';
import { answerRead } from '../blocking.ts';
import { bodyOf } from '../body.ts';
import type { HttpDeps } from '../deps.ts';
import type { Call, Route } from '../route.ts';

export const nodeAgentRoutes = (deps: HttpDeps): readonly Route[] => [
  { path: '/v1/internal/node/register', PUT: (call) => register(deps, call) },
  {
    path: '/v1/internal/node/heartbeat/:id',
    PUT: async (call) => json(await deps.server.heartbeat(idOf(call))),
  },
  { path: '/v1/internal/node/:id/allocations', GET: (call) => assignment(deps, call) },
  { path: '/v1/internal/node/:id/allocations-update', PUT: (call) => update(deps, call) },
];

async function register({ server }: HttpDeps, call: Call): Promise<Answer> {
  const node = bodyOf(call);
  if (typeof node.ID !== 'string' || node.ID === '') {
    throw new SerinError('badRequest', 'The body must be a node with an ID.');
  }
  return json(await server.registerNode(node as unknown as Node));
}

function assignment(deps: HttpDeps, call: Call): Promise<Answer> {
  const id = idOf(call);
  return answerRead(deps, call, { tables: ['allocs'], relevant: (change) => touchesNode(change, id) }, (tx) => {
    const value = nodeAssignment(tx, id);
    return found(value.Index, value);
  });
}

/** Answers when the report is durable: only then may the node forget it. */
async function update({ server }: HttpDeps, call: Call): Promise<Answer> {
  const { Allocs } = bodyOf(call);
  if (!Array.isArray(Allocs)) throw new SerinError('badRequest', 'The body must have Allocs, a list of updates.');
  return json(await server.updateAllocs(idOf(call), Allocs as AllocUpdate[]));
}

const idOf = (call: Call): string => call.params.id ?? '';
