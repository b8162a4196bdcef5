/** /v1/client/stats: what the machine of a node is doing; `?node_id=` names another node than the one that is asked. */
import { SerinError } from '../../lib/errors.ts';
import { isUuid } from '../../lib/ids.ts';
import { json } from '../answer.ts';
import type { HttpDeps, NodeOperations } from '../deps.ts';
import type { Elsewhere } from '../forward.ts';
import type { Call, Route } from '../route.ts';

export interface ClientNodeDeps extends Pick<HttpDeps, 'forward'> {
  /** The node of this agent. */
  readonly node?: NodeOperations;
  /** Throws notFound for a node that nobody knows. */
  readonly locateNode: (nodeId: string) => Elsewhere;
}

export const clientNodeRoutes = (deps: ClientNodeDeps): readonly Route[] => [
  { path: '/v1/client/stats', GET: (call) => stats(deps, call) },
];

async function stats({ node, forward, locateNode }: ClientNodeDeps, call: Call) {
  const id = (call.query.text('node_id') ?? '').toLowerCase();
  const isOwn = id === '' || id === node?.nodeId;
  if (!isOwn) return forward(locateNode(id), call);
  if (node?.hostStats === undefined) {
    throw new SerinError('badRequest', 'This agent is no node: name one with ?node_id=.');
  }
  return json(await node.hostStats());
}

/** As the state knows it. */
export function locateNodeByState({ state }: Pick<HttpDeps, 'state'>): (nodeId: string) => Elsewhere {
  return (nodeId) => {
    const row = isUuid(nodeId) ? state.view((tx) => tx.node(nodeId)) : undefined;
    if (row === undefined) throw new SerinError('notFound', `Unknown node ${JSON.stringify(nodeId)}`);
    return { ...row, Name: `node ${row.Name}` };
  };
}
