/** What can be done with what is on screen, as the buttons that ask first (`confirm.tsx`) say; the palette offers it. */
import { useEffect, useId, useRef } from 'react';

export interface OnScreen {
  readonly id: string;
  /** "Stop shop.web[0]". */
  readonly name: string;
  readonly act: () => void;
}

const actions = new Map<string, OnScreen>();

export const actionsOnScreen = (): readonly OnScreen[] => [...actions.values()];

/** Found by what its button says too: "Weight: Give the canaries another share". */
export function actionName(label: string, title: string): string {
  const words = title.replace(/\?$/, '');
  return words.toLowerCase().includes(label.toLowerCase()) ? words : `${label}: ${words}`;
}

/** `isPossible` false: it is not offered now. */
export function useOnScreen(name: string, act: () => void, isPossible: boolean): void {
  const id = useId();
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    if (!isPossible) return;
    actions.set(id, { id, name, act: () => latest.current() });
    return () => void actions.delete(id);
  }, [id, name, isPossible]);
}
