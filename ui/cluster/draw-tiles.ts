/** Tiles on a canvas: ten thousand of them in a few milliseconds. Their forms are those of `topology.css`. */

import type { Colours } from '../kit/token-colours.ts';
import type { AllocRow } from '../live/alloc-row.ts';
import { type TileState, tileLook } from './tile-look.ts';

/** How tiles stand: `pitch` pixels from one to the next. */
export interface Grid {
  readonly columns: number;
  readonly pitch: number;
}

export const gridOf = (width: number, count: number): Grid => {
  const pitch = count > 2000 ? 9 : 14;
  return { columns: Math.max(1, Math.floor(width / pitch)), pitch };
};

export const heightOf = ({ columns, pitch }: Grid, count: number): number => Math.ceil(count / columns) * pitch;

/** Which tile is at a place; undefined: none. */
export function tileAt({ columns, pitch }: Grid, x: number, y: number): number | undefined {
  const column = Math.floor(x / pitch);
  return column < 0 || column >= columns ? undefined : Math.floor(y / pitch) * columns + column;
}

export function drawTiles(
  context: CanvasRenderingContext2D,
  tiles: readonly AllocRow[],
  { columns, pitch }: Grid,
  { by, colours }: { readonly by: 'state' | 'job'; readonly colours: Colours },
): void {
  const size = pitch - 2;
  tiles.forEach((alloc, at) => {
    const { state, colour } = tileLook(alloc, by);
    context.fillStyle = context.strokeStyle = colours[colour] ?? '';
    FORMS[state](context, (at % columns) * pitch, Math.floor(at / columns) * pitch, size);
  });
}

type Form = (context: CanvasRenderingContext2D, x: number, y: number, size: number) => void;

const FORMS: Readonly<Record<TileState, Form>> = {
  running: (context, x, y, size) => context.fillRect(x, y, size, size),
  starting: outline,
  stopping(context, x, y, size) {
    outline(context, x, y, size);
    context.fillRect(x, y + size / 2, size, size / 2);
  },
  failed(context, x, y, size) {
    outline(context, x, y, size);
    context.beginPath();
    context.moveTo(x + 2, y + 2);
    context.lineTo(x + size - 2, y + size - 2);
    context.moveTo(x + size - 2, y + 2);
    context.lineTo(x + 2, y + size - 2);
    context.stroke();
  },
};

function outline(context: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  context.lineWidth = 1.5;
  context.strokeRect(x + 1, y + 1, size - 2, size - 2);
}
