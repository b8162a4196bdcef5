/** The servers of the cluster: who leads, and how the agent that serves this page is. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import type { AgentSelfView, MemberView } from '../../src/api/views.ts';
import { client } from '../client/client.ts';
import { Asked } from '../kit/asked.tsx';
import { Badge } from '../kit/badge.tsx';
import { Facts } from '../kit/facts.tsx';
import { PageHead } from '../kit/page-head.tsx';
import { Panel } from '../kit/panel.tsx';
import { type Column, Table } from '../kit/table.tsx';
import './topology.css';

/** Nobody pushes how an agent is: asked for every 2 s while it is on screen. */
const EVERY_MS = 2000;

const servers = queryOptions({
  queryKey: ['servers'],
  queryFn: async () => {
    const [members, leader] = await Promise.all([client.agent.members(), client.agent.leader()]);
    return { members: members.data.Members ?? [], leader };
  },
  refetchInterval: EVERY_MS,
});

const self = queryOptions({
  queryKey: ['agent'],
  queryFn: async () => (await client.agent.self()).data,
  refetchInterval: EVERY_MS,
});

export const ServersView = () => (
  <>
    <PageHead title="Servers" />
    <div className="stack">
      <Asked query={useQuery(servers)}>
        {({ members, leader }) => (
          <>
            {leader === '' && (
              <p className="note" data-tone="bad" role="alert">
                There is no leader: nothing can be changed until one is chosen. What runs goes on.
              </p>
            )}
            <Table
              caption="Servers"
              columns={COLUMNS}
              rows={members.map((member) => ({ member, isLeader: `${member.Addr}:${member.Port}` === leader }))}
              rowKey={({ member }) => member.Name}
            />
          </>
        )}
      </Asked>
      <Asked query={useQuery(self)}>{(agent) => <Agent agent={agent} />}</Asked>
    </div>
  </>
);

interface Server {
  readonly member: MemberView;
  readonly isLeader: boolean;
}

const COLUMNS: readonly Column<Server>[] = [
  { id: 'name', title: 'Name', cell: ({ member }) => member.Name },
  {
    id: 'address',
    title: 'Address',
    cell: ({ member: { Addr, Port } }) => (
      <span className="mono">
        {Addr}:{Port}
      </span>
    ),
  },
  {
    id: 'status',
    title: 'Status',
    cell: ({ member: { Status } }) => <Badge tone={Status === 'alive' ? 'good' : 'bad'}>{Status}</Badge>,
  },
  { id: 'leader', title: 'Leads', cell: ({ isLeader }) => (isLeader ? 'leader' : '') },
  { id: 'version', title: 'Version', cell: ({ member }) => member.Tags['build'] },
  { id: 'datacenter', title: 'Datacenter', cell: ({ member }) => member.Tags['dc'] },
  { id: 'region', title: 'Region', cell: ({ member }) => member.Tags['region'] },
];

/** The groups of figures that the agent names, in its own words. */
const Agent = ({ agent: { member, stats = {} } }: { readonly agent: AgentSelfView }) => (
  <Panel title={`The agent that serves this page${member?.Name ? `: ${member.Name}` : ''}`}>
    <div className="agent-figures">
      {Object.entries(stats).map(([group, figures]) => (
        <section key={group} aria-label={group}>
          <h3>{TITLES[group] ?? group}</h3>
          <Facts of={Object.fromEntries(Object.entries(figures).map(([name, value]) => [words(name), value]))} />
        </section>
      ))}
    </div>
  </Panel>
);

const TITLES: Readonly<Record<string, string>> = {
  serin: 'Roles',
  state: 'State',
  broker: 'Evaluations in work',
  client: 'Node',
  runtime: 'Process',
};

const words = (name: string): string => name.replaceAll('_', ' ');
