/** What runs on a node, and what ran there and is still remembered. */
import { getRouteApi } from '@tanstack/react-router';
import { AllocTable } from '../cluster/alloc-table.tsx';
import { ListFilter } from '../kit/list-filter.tsx';
import { Empty, Loading } from '../kit/note.tsx';
import { Panel } from '../kit/panel.tsx';
import type { AllocRow } from '../live/alloc-row.ts';

const route = getRouteApi('/nodes/$nodeId');

const STATUSES = ['pending', 'running', 'complete', 'failed', 'lost'];

export function InstancesPanel({ allocs }: { readonly allocs: readonly AllocRow[] | undefined }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { q = '', status } = search;
  const shown = allocs?.filter(
    (alloc) => `${alloc.ID} ${alloc.Name}`.includes(q) && (status === undefined || alloc.ClientStatus === status),
  );
  return (
    <Panel title="Instances" aside={allocs && <span className="soft">{allocs.length}</span>}>
      {!shown ? (
        <Loading />
      ) : allocs?.length === 0 ? (
        <Empty>Nothing has been placed here yet.</Empty>
      ) : (
        <div className="stack">
          <ListFilter
            noun="instances"
            search={search}
            statuses={STATUSES}
            onChange={(change) => void navigate({ search: { ...search, ...change }, replace: true })}
          />
          <AllocTable
            caption="Instances on this node"
            allocs={shown}
            sort={search.sort}
            onSort={(sort) => void navigate({ search: { ...search, sort }, replace: true })}
            isOneNode
          />
        </div>
      )}
    </Panel>
  );
}
