/**
 * Which tiles stand on which node: pure. A node on which nothing changed keeps its very list, so that one step of a
 * release draws the nodes that it touches and no other.
 */
import type { AllocRow } from '../live/alloc-row.ts';
import { tileState } from './tile-look.ts';

export interface NodeTiles {
  /** As they came; compared with what comes next. */
  readonly found: readonly AllocRow[];
  /** In the order of jobs and names. */
  readonly tiles: readonly AllocRow[];
}

export type Tiles = ReadonlyMap<string, NodeTiles>;

export function tilesByNode(allocs: readonly AllocRow[], job: string | undefined, before: Tiles): Tiles {
  const found = new Map<string, AllocRow[]>();
  for (const alloc of allocs) {
    if ((job !== undefined && alloc.JobID !== job) || tileState(alloc) === undefined) continue;
    const here = found.get(alloc.NodeID);
    if (here) here.push(alloc);
    else found.set(alloc.NodeID, [alloc]);
  }
  return new Map([...found].map(([node, here]) => [node, sameOr(before.get(node), here)]));
}

function sameOr(before: NodeTiles | undefined, found: readonly AllocRow[]): NodeTiles {
  const isSame = before?.found.length === found.length && before.found.every((alloc, at) => alloc === found[at]);
  return isSame ? before : { found, tiles: found.toSorted(byName) };
}

const byName = (a: AllocRow, b: AllocRow): number =>
  a.JobID === b.JobID ? indexOf(a) - indexOf(b) : a.JobID < b.JobID ? -1 : 1;

const indexOf = ({ Name }: AllocRow): number => Number(Name.slice(Name.lastIndexOf('[') + 1, -1));

export function byDatacenter<N extends { readonly Datacenter: string; readonly Name: string }>(
  nodes: readonly N[],
): readonly (readonly [datacenter: string, nodes: readonly N[]])[] {
  const groups = new Map<string, N[]>();
  for (const node of nodes.toSorted((a, b) => COLLATOR.compare(a.Name, b.Name))) {
    const group = groups.get(node.Datacenter);
    if (group) group.push(node);
    else groups.set(node.Datacenter, [node]);
  }
  return [...groups].sort(([a], [b]) => COLLATOR.compare(a, b));
}

const COLLATOR = new Intl.Collator('en', { numeric: true });
