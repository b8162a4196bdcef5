/** The columns of a table of allocations. */
import { Link } from '@tanstack/react-router';
import type { AllocStub } from '../../src/api/views.ts';
import { allocIndex, isClientTerminal, isDesiredTerminal } from '../../src/model/allocation.ts';
import { Badge, type Tone } from '../kit/badge.tsx';
import type { Column } from '../kit/table.tsx';
import { Ago } from '../kit/time.tsx';
import { clientTone, shortId } from '../kit/words.ts';

export const ALLOC_COLUMNS: readonly Column<AllocStub>[] = [
  {
    id: 'id',
    title: 'ID',
    cell: ({ ID }) => (
      <Link className="mono" to="/allocations/$allocId" params={{ allocId: ID }}>
        {shortId(ID)}
      </Link>
    ),
  },
  {
    id: 'name',
    title: 'Instance',
    sortBy: ({ TaskGroup, Name }) => `${TaskGroup} ${String(allocIndex(Name)).padStart(6, '0')}`,
    cell: ({ TaskGroup, Name }) => `${TaskGroup}[${allocIndex(Name)}]`,
  },
  { id: 'version', title: 'Version', align: 'right', sortBy: (row) => row.JobVersion, cell: (row) => row.JobVersion },
  {
    id: 'status',
    title: 'Status',
    sortBy: stateOf,
    cell: (alloc) => <Badge tone={toneOf(alloc)}>{stateOf(alloc)}</Badge>,
  },
  { id: 'health', title: 'Health', sortBy: healthOf, cell: (alloc) => healthOf(alloc) },
  {
    id: 'node',
    title: 'Node',
    sortBy: ({ NodeName }) => NodeName,
    cell: ({ NodeName, NodeID }) => (
      <Link to="/nodes/$nodeId" params={{ nodeId: NodeID }}>
        {NodeName}
      </Link>
    ),
  },
  {
    id: 'created',
    title: 'Created',
    sortBy: ({ CreateTime }) => Number(CreateTime),
    cell: ({ CreateTime }) => <Ago ms={Number(CreateTime) / 1e6} />,
  },
  {
    id: 'modified',
    title: 'Changed',
    sortBy: ({ ModifyTime }) => Number(ModifyTime),
    cell: ({ ModifyTime }) => <Ago ms={Number(ModifyTime) / 1e6} />,
  },
];

/** What its node says, unless it is on its way out. */
function stateOf(alloc: AllocStub): string {
  const isLeaving = isDesiredTerminal(alloc) && !isClientTerminal(alloc);
  return isLeaving ? 'stopping' : alloc.ClientStatus;
}

const toneOf = (alloc: AllocStub): Tone => (stateOf(alloc) === 'stopping' ? 'quiet' : clientTone[alloc.ClientStatus]);

function healthOf({ DeploymentStatus, ClientStatus }: AllocStub): string {
  if (!DeploymentStatus || (ClientStatus !== 'running' && ClientStatus !== 'pending')) return '';
  const health = { true: 'healthy', false: 'unhealthy', null: 'not yet' }[String(DeploymentStatus.Healthy)] ?? '';
  return DeploymentStatus.Canary ? `${health}, canary` : health;
}
