/**
 * Figures that the API does not push, asked again and again while somebody looks: a hidden tab asks nothing. An answer
 * that fails leaves the last one on screen; the shell says when the agent is gone.
 */
import { useEffect, useRef, useState } from 'react';

/** `name` says what is asked for; another name begins anew, undefined asks nothing. */
export function useAskedEvery<T>(everyMs: number, name: string | undefined, ask: () => Promise<T>): T | undefined {
  const [answer, setAnswer] = useState<{ readonly name: string; readonly data: T }>();
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    if (name === undefined) return;
    let isLeft = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      if (!document.hidden) {
        const data = await latest.current().catch(() => undefined);
        if (!isLeft && data !== undefined) setAnswer({ name, data });
      }
      if (!isLeft) timer = setTimeout(() => void look(), everyMs);
    };
    void look();
    return () => {
      isLeft = true;
      clearTimeout(timer);
    };
  }, [everyMs, name]);
  return answer !== undefined && answer.name === name ? answer.data : undefined;
}
