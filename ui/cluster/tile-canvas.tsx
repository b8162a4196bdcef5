/** The tiles of a node as one picture, where there are too many for elements. The table says the same in words. */
import { useNavigate } from '@tanstack/react-router';
import { type MouseEvent, useEffect, useRef, useState } from 'react';
import { type Colours, useTokenColours } from '../kit/token-colours.ts';
import type { AllocRow } from '../live/alloc-row.ts';
import { drawTiles, gridOf, heightOf, tileAt } from './draw-tiles.ts';
import { countWords, TILE_COLOURS, tileWords } from './tile-look.ts';

export interface TilesProps {
  readonly tiles: readonly AllocRow[];
  readonly by: 'state' | 'job';
}

export function TileCanvas({ tiles, by }: TilesProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = useTokenColours(TILE_COLOURS);
  const width = useWidth(canvas);
  const navigate = useNavigate();
  const grid = gridOf(width, tiles.length);
  useEffect(() => {
    if (canvas.current && width > 0) draw(canvas.current, width, { tiles, by, colours });
  }, [tiles, by, colours, width]);
  const under = ({ nativeEvent }: MouseEvent) => tiles[tileAt(grid, nativeEvent.offsetX, nativeEvent.offsetY) ?? -1];
  return (
    <canvas
      ref={canvas}
      className="tile-canvas"
      role="img"
      aria-label={countWords(tiles)}
      style={{ height: heightOf(grid, tiles.length) }}
      onMouseMove={(event) => {
        const alloc = under(event);
        event.currentTarget.title = alloc ? tileWords(alloc) : '';
      }}
      onClick={(event) => {
        const alloc = under(event);
        if (alloc) void navigate({ to: '/allocations/$allocId', params: { allocId: alloc.ID } });
      }}
    />
  );
}

function draw(
  canvas: HTMLCanvasElement,
  width: number,
  { tiles, by, colours }: TilesProps & { readonly colours: Colours },
): void {
  const grid = gridOf(width, tiles.length);
  const sharp = devicePixelRatio;
  canvas.width = width * sharp;
  canvas.height = heightOf(grid, tiles.length) * sharp;
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(sharp, sharp);
  drawTiles(context, tiles, grid, { by, colours });
}

/** In whole pixels; 0: not yet known. */
function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    if (element.current) observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
