/** Where an allocation runs: in the node agent of this process, or behind another agent's address. */
import { SerinError } from '../../lib/errors.ts';
import { isUuid } from '../../lib/ids.ts';
import type { Node } from '../../model/node.ts';
import type { Answer } from '../answer.ts';
import type { HttpDeps, NodeOperations } from '../deps.ts';
import type { Call, Handler } from '../route.ts';

type Located = { readonly node: NodeOperations } | { readonly elsewhere: Node };

/** Answers here where the allocation is here, and hands the call on where it is not. */
export function whereItRuns(
  deps: HttpDeps,
  here: (node: NodeOperations, allocId: string, call: Call) => Promise<Answer>,
): Handler {
  return async (call) => {
    const allocId = (call.params.id ?? '').toLowerCase();
    const located = locate(deps, allocId);
    if ('node' in located) return here(located.node, allocId, call);
    return deps.forward(located.elsewhere, call);
  };
}

function locate({ state, node }: HttpDeps, allocId: string): Located {
  if (!isUuid(allocId)) throw new SerinError('notFound', `Unknown allocation ${JSON.stringify(allocId)}`);
  const [alloc, row] = state.view((tx) => {
    const found = tx.alloc(allocId);
    return [found, found && tx.node(found.NodeID)] as const;
  });
  if (alloc === undefined) throw new SerinError('notFound', `Unknown allocation ${JSON.stringify(allocId)}`);
  if (node !== undefined && node.nodeId === alloc.NodeID) return { node };
  if (row === undefined) throw new SerinError('notFound', `Unknown node ${JSON.stringify(alloc.NodeID)}`);
  return { elsewhere: row };
}
