/** Hears the keys of the whole page, except where somebody types or a dialog is open. */
import { useRouter } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { NOTHING_TYPED, pressed, SEARCH_SHORTCUT, type Shortcut, viewShortcuts } from './shortcuts.ts';

export interface KeyTargets {
  readonly find: () => void;
  readonly help: () => void;
}

export function useKeys(targets: KeyTargets): void {
  const router = useRouter();
  const latest = useRef(targets);
  latest.current = targets;
  useEffect(() => {
    let typed = NOTHING_TYPED;
    const follow = (shortcut: Shortcut) => {
      const view = viewShortcuts.find((one) => one === shortcut);
      if (view) router.history.push(`/ui${view.path}`);
      else if (shortcut === SEARCH_SHORTCUT) focusSearch();
      else latest.current.help();
    };
    const onKey = (event: KeyboardEvent) => {
      if (document.querySelector('dialog[open]')) return;
      if (isFind(event)) {
        event.preventDefault();
        latest.current.find();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      // A key that is only held with others, Shift above all, is no stroke of its own.
      if (event.key.length > 1) return;
      const result = pressed(typed, event.key, event.timeStamp);
      typed = result.typed;
      if (!result.shortcut) return;
      event.preventDefault();
      follow(result.shortcut);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [router]);
}

/** In a terminal Ctrl-K is the shell's. */
const isFind = ({ key, ctrlKey, metaKey, altKey, shiftKey, target }: KeyboardEvent): boolean =>
  key.toLowerCase() === 'k' &&
  (ctrlKey || metaKey) &&
  !altKey &&
  !shiftKey &&
  !(ctrlKey && target instanceof Element && target.closest('.xterm'));

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.closest('input, textarea, select, [role="textbox"]') !== null);

function focusSearch(): void {
  const field = document.querySelector<HTMLInputElement>('main input[type="search"]');
  field?.focus();
  field?.select();
}
