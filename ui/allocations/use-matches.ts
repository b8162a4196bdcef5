/** How many lines hold what is searched for, and the way from one to the next. */
import { type RefObject, useCallback, useMemo, useRef } from 'react';
import type { LineBlock, LineBuffer } from './line-buffer.ts';
import { holds } from './line-pieces.ts';

export interface Matches {
  readonly count: number;
  /** 1: the next one; -1: the one before. Begins at the end, where the newest are. */
  go(step: 1 | -1): void;
}

export function useMatches(frame: RefObject<HTMLElement | null>, buffer: LineBuffer, query: string): Matches {
  const counts = useRef<{ query: string; blocks: WeakMap<LineBlock, number> }>({ query: '', blocks: new WeakMap() });
  const count = useMemo(() => {
    if (query === '') return 0;
    if (counts.current.query !== query) counts.current = { query, blocks: new WeakMap() };
    const { blocks } = counts.current;
    const inBlocks = buffer.blocks.reduce((sum, block) => sum + countIn(block, query, blocks), 0);
    return inBlocks + (buffer.open !== '' && holds(buffer.open, query) ? 1 : 0);
  }, [buffer, query]);
  const go = useCallback((step: 1 | -1) => goFrom(frame.current, step), [frame]);
  return { count, go };
}

/** A block never changes: it is counted once. */
function countIn(block: LineBlock, query: string, known: WeakMap<LineBlock, number>): number {
  const before = known.get(block);
  if (before !== undefined) return before;
  const count = block.lines.filter((line) => holds(line, query)).length;
  known.set(block, count);
  return count;
}

/** The mark on the line that was gone to stays on it while lines come and go. */
function goFrom(frame: HTMLElement | null, step: 1 | -1): void {
  const lines = [...(frame?.querySelectorAll<HTMLElement>('[data-match]') ?? [])];
  if (lines.length === 0) return;
  const at = lines.findIndex(({ dataset }) => dataset['current'] === 'true');
  const next = at < 0 ? lines.length - 1 : (at + step + lines.length) % lines.length;
  lines[at]?.removeAttribute('data-current');
  lines[next]?.setAttribute('data-current', 'true');
  lines[next]?.scrollIntoView({ block: 'center' });
}
