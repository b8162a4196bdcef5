/** What is asked of each node by what runs there: one pass over all allocations. */
import { type AllocRow, holdsRoom } from '../live/alloc-row.ts';
import { type Amounts, NOTHING, plus } from '../live/amounts.ts';

export interface NodeLoad {
  /** That have not ended. */
  readonly instances: number;
  readonly asked: Amounts;
}

export function nodeLoads(allocs: readonly AllocRow[]): ReadonlyMap<string, NodeLoad> {
  const loads = new Map<string, NodeLoad>();
  for (const alloc of allocs) {
    if (!holdsRoom(alloc)) continue;
    const { instances, asked } = loads.get(alloc.NodeID) ?? { instances: 0, asked: NOTHING };
    loads.set(alloc.NodeID, { instances: instances + 1, asked: plus(asked, alloc.asked) });
  }
  return loads;
}
