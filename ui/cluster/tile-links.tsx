/** The tiles of a node as links with names, where there are few enough. One handler follows them all. */
import { useRouter } from '@tanstack/react-router';
import type { MouseEvent } from 'react';
import type { TilesProps } from './tile-canvas.tsx';
import { tileLook, tileWords } from './tile-look.ts';

export function TileLinks({ tiles, by }: TilesProps) {
  const router = useRouter();
  const follow = (event: MouseEvent<HTMLUListElement>) => {
    const link = (event.target as Element).closest('a');
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    void router.navigate({ to: '/allocations/$allocId', params: { allocId: link.dataset['alloc'] ?? '' } });
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the links inside are what is pressed, by keyboard too
    <ul className="tiles" onClick={follow}>
      {tiles.map((alloc) => {
        const { state, colour } = tileLook(alloc, by);
        return (
          <li key={alloc.ID}>
            <a
              href={`${router.basepath}/allocations/${alloc.ID}`}
              data-alloc={alloc.ID}
              data-state={state}
              title={tileWords(alloc)}
              style={{ color: `var(${colour})` }}
            >
              <span className="visually-hidden">{tileWords(alloc)}</span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}
