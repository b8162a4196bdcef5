/** One node: how it is, what runs there, what it offers, and how it is emptied. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { NodeView as NodeWhole } from '../../src/api/views.ts';
import { queries } from '../client/queries.ts';
import { Asked } from '../kit/asked.tsx';
import { Facts } from '../kit/facts.tsx';
import { PageHead } from '../kit/page-head.tsx';
import { Panel } from '../kit/panel.tsx';
import { Ago } from '../kit/time.tsx';
import { AttributesPanel } from './attributes-panel.tsx';
import { DrainPanel } from './drain-panel.tsx';
import { DriversPanel } from './drivers-panel.tsx';
import { InstancesPanel } from './instances-panel.tsx';
import { NodeActions } from './node-actions.tsx';
import { NodeBadge } from './node-badge.tsx';
import './nodes.css';
import { NodeEventsPanel } from './node-events-panel.tsx';
import { UsagePanel } from './usage-panel.tsx';

const route = getRouteApi('/nodes/$nodeId');

export function NodeView() {
  const { nodeId } = route.useParams();
  const query = useQuery(queries.node(nodeId));
  const { data: all } = useQuery(queries.allocationRows());
  const allocs = useMemo(() => all?.filter(({ NodeID }) => NodeID === nodeId), [all, nodeId]);
  return (
    <Asked query={query} missing={`There is no node "${nodeId}": it may have been removed.`}>
      {(node) => (
        <>
          <PageHead
            title={node.Name}
            about={<NodeBadge node={node} />}
            actions={<NodeActions node={node} allocs={allocs} />}
          />
          <div className="stack">
            <DrainPanel node={node} />
            <div className="node-columns">
              <UsagePanel node={node} allocs={allocs ?? []} />
              <FactsPanel node={node} />
            </div>
            <InstancesPanel allocs={allocs} />
            <DriversPanel node={node} />
            <AttributesPanel node={node} />
            <NodeEventsPanel events={node.Events} />
          </div>
        </>
      )}
    </Asked>
  );
}

const FactsPanel = ({ node }: { readonly node: NodeWhole }) => (
  <Panel title="Node">
    <Facts
      of={{
        ID: <span className="mono">{node.ID}</span>,
        Status: (
          <>
            {node.Status}, {node.SchedulingEligibility}
            {node.StatusDescription && `: ${node.StatusDescription}`}
          </>
        ),
        Datacenter: node.Datacenter,
        Class: node.NodeClass,
        Address: <span className="mono">{node.HTTPAddr}</span>,
        'Status since': node.StatusUpdatedAt > 0 && <Ago ms={node.StatusUpdatedAt * 1000} />,
        'Last drain': node.LastDrain && (
          <>
            {node.LastDrain.Status}, <Ago ms={Date.parse(node.LastDrain.UpdatedAt)} />
          </>
        ),
        'Ports kept': node.ReservedResources?.Networks.ReservedHostPorts,
        'Host volumes': Object.keys(node.HostVolumes ?? {}).join(', '),
      }}
    />
  </Panel>
);
