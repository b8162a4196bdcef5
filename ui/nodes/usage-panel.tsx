/** What the node has, what is asked of it, and what is really used now. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import type { HostStatsView, NodeView } from '../../src/api/views.ts';
import { client } from '../client/client.ts';
import { wordsOf } from '../client/words.ts';
import { Meter } from '../kit/meter.tsx';
import { Panel } from '../kit/panel.tsx';
import { spanOf } from '../kit/time.tsx';
import type { AllocRow } from '../live/alloc-row.ts';
import { cpuText, percent, roomOf, shareOf, sizeText } from '../live/amounts.ts';
import { nodeLoads } from './node-loads.ts';
import './nodes.css';

/** The machine's figures are pushed by nobody: asked for every 2 s while they are on screen. */
const hostStats = (id: string) =>
  queryOptions({
    queryKey: ['host stats', id],
    queryFn: async () => (await client.nodes.stats(id)).data,
    refetchInterval: 2000,
    retry: false,
  });

export interface UsagePanelProps {
  readonly node: NodeView;
  readonly allocs: readonly AllocRow[];
}

export function UsagePanel({ node, allocs }: UsagePanelProps) {
  const isDown = node.Status === 'down';
  const { data: stats, error } = useQuery({ ...hostStats(node.ID), enabled: !isDown });
  const room = roomOf(node);
  const asked = nodeLoads(allocs).get(node.ID)?.asked ?? { cpuMHz: 0, memoryMB: 0, diskMB: 0 };
  const used = usedOf(stats);
  return (
    <Panel title="Used and asked" aside={stats?.Uptime !== undefined && <Uptime seconds={stats.Uptime} />}>
      <div className="usage">
        <Line name="Processor" asked={asked.cpuMHz} room={room.cpuMHz} text={cpuText} used={used.cpu} />
        <Line name="Memory" asked={asked.memoryMB} room={room.memoryMB} text={sizeText} used={used.memory} />
        <Line name="Disk" asked={asked.diskMB} room={room.diskMB} text={sizeText} used={used.disk} />
      </div>
      {(isDown || error) && (
        <p className="soft">What the machine uses is not known: {isDown ? 'the node is down.' : wordsOf(error)}</p>
      )}
    </Panel>
  );
}

interface Used {
  readonly share: number;
  readonly words: string;
}

interface LineProps {
  readonly name: string;
  readonly asked: number;
  readonly room: number;
  readonly text: (amount: number) => string;
  readonly used: Used | undefined;
}

function Line({ name, asked, room, text, used }: LineProps) {
  const share = shareOf(asked, room);
  return (
    <>
      <span className="usage-name">{name}</span>
      <span className="usage-kind soft">asked</span>
      <Meter
        label={`${name} asked`}
        share={share}
        words={`${text(asked)} of ${text(room)}`}
        tone={share > 0.9 ? 'wait' : 'good'}
      />
      {used && (
        <>
          <span className="usage-kind soft">used</span>
          <Meter
            label={`${name} used`}
            share={used.share}
            words={used.words}
            tone={used.share > 0.9 ? 'bad' : 'busy'}
          />
        </>
      )}
    </>
  );
}

function usedOf(stats: HostStatsView | undefined): Readonly<Record<'cpu' | 'memory' | 'disk', Used | undefined>> {
  const cores = stats?.CPU ?? [];
  const idle = cores.reduce((sum, { Idle }) => sum + Idle, 0) / Math.max(1, cores.length);
  const cpu = 1 - idle / 100;
  const { Memory: memory, AllocDirStats: disk } = stats ?? {};
  return {
    cpu: cores.length === 0 ? undefined : { share: cpu, words: `${percent(cpu)} of ${cores.length} cores` },
    memory: memory ? part(memory.Total - memory.Available, memory.Total) : undefined,
    disk: disk ? part(disk.Used, disk.Size) : undefined,
  };
}

const MB = 2 ** 20;

const part = (used: number, size: number): Used => ({
  share: shareOf(used, size),
  words: `${sizeText(used / MB)} of ${sizeText(size / MB)}`,
});

const Uptime = ({ seconds }: { readonly seconds: number }) => (
  <span className="soft">up for {spanOf(seconds * 1000)}</span>
);
