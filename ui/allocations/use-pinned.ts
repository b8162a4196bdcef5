/** Holds a part that scrolls at its end while it grows, until the reader scrolls up. */
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

/** Fractions of a pixel and half a line. */
const NEAR_PX = 12;

export interface Pinned {
  readonly isPinned: boolean;
  onScroll(): void;
  toEnd(): void;
}

export function usePinned(frame: RefObject<HTMLElement | null>): Pinned {
  const [isPinned, setPinned] = useState(true);
  const pinned = useRef(true);
  const lastTop = useRef(0);
  const toEnd = useCallback(() => {
    pinned.current = true;
    setPinned(true);
    const element = frame.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, [frame]);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const hold = () => {
      if (pinned.current) element.scrollTop = element.scrollHeight;
    };
    const grown = new MutationObserver(hold);
    grown.observe(element, { childList: true, subtree: true, characterData: true });
    const resized = new ResizeObserver(hold);
    resized.observe(element);
    hold();
    return () => {
      grown.disconnect();
      resized.disconnect();
    };
  }, [frame]);
  const onScroll = useCallback(() => {
    const element = frame.current;
    if (!element) return;
    const isAtEnd = element.scrollHeight - element.clientHeight - element.scrollTop <= NEAR_PX;
    // Lines that went at the top, or got their true height, move the end without anybody scrolling up.
    const isMovedUp = element.scrollTop < lastTop.current;
    lastTop.current = element.scrollTop;
    const next = isAtEnd || (pinned.current && !isMovedUp);
    if (next !== pinned.current) {
      pinned.current = next;
      setPinned(next);
    }
  }, [frame]);
  return { isPinned, onScroll, toEnd };
}
