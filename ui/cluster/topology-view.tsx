/** The whole cluster at one look: nodes as boxes, instances as tiles; or the same as a table. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useRef } from 'react';
import { queries } from '../client/queries.ts';
import { Asked } from '../kit/asked.tsx';
import { Empty, Loading } from '../kit/note.tsx';
import { PageHead } from '../kit/page-head.tsx';
import { counted } from '../kit/words.ts';
import type { AllocRow } from '../live/alloc-row.ts';
import { nodeLoads } from '../nodes/node-loads.ts';
import { AllocTable } from './alloc-table.tsx';
import { NodeBox } from './node-box.tsx';
import { tileState } from './tile-look.ts';
import { byDatacenter, type Tiles, tilesByNode } from './topology.ts';
import './topology.css';
import { TopologyChoices } from './topology-choices.tsx';

const route = getRouteApi('/topology');

/** Beyond so many, elements with names would make the page slow; the table names them all. */
const LINKS_UP_TO = 600;

export function TopologyView() {
  const { data: allocs } = useQuery(queries.allocationRows());
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHead
        title="Topology"
        about={allocs && <span className="soft">{counted(allocs.filter(tileState).length, 'instance')}</span>}
      />
      <div className="stack">
        <TopologyChoices
          allocs={allocs ?? []}
          search={search}
          onChange={(change) => void navigate({ search: { ...search, ...change }, replace: true })}
        />
        {!allocs ? <Loading /> : search.as === 'table' ? <AsTable allocs={allocs} /> : <AsBoxes allocs={allocs} />}
      </div>
    </>
  );
}

function AsTable({ allocs }: { readonly allocs: readonly AllocRow[] }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { job } = search;
  const rows = useMemo(
    () => allocs.filter((alloc) => tileState(alloc) && (job === undefined || alloc.JobID === job)),
    [allocs, job],
  );
  return (
    <AllocTable
      caption="Instances"
      allocs={rows}
      sort={search.sort ?? 'instance'}
      onSort={(sort) => void navigate({ search: { ...search, sort }, replace: true })}
    />
  );
}

function AsBoxes({ allocs }: { readonly allocs: readonly AllocRow[] }) {
  const { job, colour = 'state' } = route.useSearch();
  const nodes = useQuery(queries.nodes());
  const loads = useMemo(() => nodeLoads(allocs), [allocs]);
  const tiles = useTiles(allocs, job);
  const shown = [...tiles.values()].reduce((sum, { found }) => sum + found.length, 0);
  return (
    <Asked query={nodes}>
      {(all) =>
        all.length === 0 ? (
          <Empty>
            No nodes yet. An agent becomes one with a <code>client</code> block in its configuration.
          </Empty>
        ) : (
          byDatacenter(all).map(([datacenter, group]) => (
            <section key={datacenter} aria-label={`Datacenter ${datacenter}`}>
              <h2 className="datacenter">
                {datacenter} <span className="soft">{counted(group.length, 'node')}</span>
              </h2>
              <ul className="node-boxes">
                {group.map((node) => (
                  <NodeBox
                    key={node.ID}
                    node={node}
                    tiles={tiles.get(node.ID)?.tiles ?? NO_TILES}
                    cpuMHz={loads.get(node.ID)?.asked.cpuMHz ?? 0}
                    memoryMB={loads.get(node.ID)?.asked.memoryMB ?? 0}
                    by={colour}
                    isDrawn={shown > LINKS_UP_TO}
                  />
                ))}
              </ul>
            </section>
          ))
        )
      }
    </Asked>
  );
}

const NO_TILES: readonly AllocRow[] = [];

function useTiles(allocs: readonly AllocRow[], job: string | undefined): Tiles {
  const before = useRef<Tiles>(new Map());
  return useMemo(() => {
    before.current = tilesByNode(allocs, job, before.current);
    return before.current;
  }, [allocs, job]);
}
