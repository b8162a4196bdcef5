/** A node of the topology: its name, how full it is, and a tile for each instance. */
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import type { NodeStub } from '../../src/api/views.ts';
import { Meter } from '../kit/meter.tsx';
import type { AllocRow } from '../live/alloc-row.ts';
import { type Amounts, cpuText, percent, roomOf, shareOf, sizeText } from '../live/amounts.ts';
import { NodeBadge } from '../nodes/node-badge.tsx';
import { TileCanvas } from './tile-canvas.tsx';
import { TileLinks } from './tile-links.tsx';

export interface NodeBoxProps {
  readonly node: NodeStub;
  readonly tiles: readonly AllocRow[];
  readonly cpuMHz: number;
  readonly memoryMB: number;
  readonly by: 'state' | 'job';
  /** There are too many tiles on screen for elements. */
  readonly isDrawn: boolean;
}

/** Wants the whole width. */
const MANY = 400;

/** Drawn again only where one of these is another. */
export const NodeBox = memo(function NodeBox({ node, tiles, cpuMHz, memoryMB, by, isDrawn }: NodeBoxProps) {
  const room = roomOf(node);
  return (
    <li className="node-box" data-many={tiles.length > MANY}>
      <header className="row">
        <h3>
          <Link to="/nodes/$nodeId" params={{ nodeId: node.ID }}>
            {node.Name}
          </Link>
        </h3>
        <NodeBadge node={node} />
        <span className="soft">{tiles.length}</span>
      </header>
      <Capacity name="cpu" asked={cpuMHz} room={room.cpuMHz} text={cpuText} />
      <Capacity name="memory" asked={memoryMB} room={room.memoryMB} text={sizeText} />
      {tiles.length > 0 && (isDrawn ? <TileCanvas tiles={tiles} by={by} /> : <TileLinks tiles={tiles} by={by} />)}
    </li>
  );
});

interface CapacityProps {
  readonly name: string;
  readonly asked: Amounts[keyof Amounts];
  readonly room: number;
  readonly text: (amount: number) => string;
}

function Capacity({ name, asked, room, text }: CapacityProps) {
  const share = shareOf(asked, room);
  return (
    <Meter
      label="Asked"
      share={share}
      words={`${name} ${percent(share)} of ${text(room)}`}
      tone={share > 0.9 ? 'wait' : 'quiet'}
    />
  );
}
