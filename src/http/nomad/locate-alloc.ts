/** Where an allocation runs: in the node agent of this process, or behind another agent's address. */
import { SerinError } from '../../lib/errors.ts';
import { isUuid } from '../../lib/ids.ts';
import type { Answer } from '../answer.ts';
import type { HttpDeps, NodeOperations } from '../deps.ts';
import type { Elsewhere, Forward } from '../forward.ts';
import type { Call, Handler } from '../route.ts';

export type Located = { readonly node: NodeOperations } | { readonly elsewhere: Elsewhere };

/** What the resources under /v1/client need. */
export interface ClientDeps extends Pick<HttpDeps, 'clock'> {
  readonly forward: Forward;
  /** Throws notFound for an allocation that nobody knows. */
  readonly locate: (allocId: string) => Located;
}

/** Answers here where the allocation is here, and hands the call on where it is not. */
export function whereItRuns(
  { locate, forward }: ClientDeps,
  here: (node: NodeOperations, allocId: string, call: Call) => Promise<Answer>,
): Handler {
  return async (call) => {
    const allocId = (call.params.id ?? '').toLowerCase();
    if (!isUuid(allocId)) throw unknown('allocation', allocId);
    const located = locate(allocId);
    return 'node' in located ? here(located.node, allocId, call) : forward(located.elsewhere, call);
  };
}

/** As the state knows it. */
export function locateByState({ state, node }: Pick<HttpDeps, 'state' | 'node'>): (allocId: string) => Located {
  return (allocId) => {
    const [alloc, row] = state.view((tx) => {
      const found = tx.alloc(allocId);
      return [found, found && tx.node(found.NodeID)] as const;
    });
    if (alloc === undefined) throw unknown('allocation', allocId);
    if (node !== undefined && node.nodeId === alloc.NodeID) return { node };
    if (row === undefined) throw unknown('node', alloc.NodeID);
    return { elsewhere: { ...row, Name: `node ${row.Name}` } };
  };
}

export const unknown = (what: string, id: string): SerinError =>
  new SerinError('notFound', `Unknown ${what} ${JSON.stringify(id)}`);
