/** The terminal itself, over @xterm/xterm; loaded when one is opened. */
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { useEffect, useRef } from 'react';
import { client } from '../client/client.ts';
import { wordsOf } from '../client/words.ts';
import { useTheme } from '../shell/theme.ts';
import { type TerminalEnds, talk } from './exec-talk.ts';
import { styleByScript } from './style-by-script.ts';
import { terminalTheme } from './terminal-theme.ts';

export interface TerminalScreenProps {
  readonly allocId: string;
  readonly task: string;
  readonly command: readonly string[];
  /** false: what it showed stays to be read. */
  readonly isOpen: boolean;
  /** Puts the focus elsewhere: the terminal itself takes every key. */
  readonly leave: () => void;
  readonly onEnd: (words: string) => void;
}

export default function TerminalScreen({ allocId, task, command, isOpen, leave, onEnd }: TerminalScreenProps) {
  const frame = useRef<HTMLDivElement>(null);
  const terminal = useRef<Terminal>(undefined);
  const connection = useRef<AbortController>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another run is another terminal, by its key.
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const opened = openTerminal(element, leave);
    const leaving = new AbortController();
    terminal.current = opened.terminal;
    connection.current = leaving;
    void client.allocations
      .exec(allocId, { task, command, tty: true }, leaving.signal)
      .then((conversation) => talk(opened.ends, conversation))
      .catch(wordsOf)
      // Whoever has left needs no word of it.
      .then((words) => leaving.signal.aborted || onEnd(words));
    return () => {
      leaving.abort();
      opened.close();
    };
  }, []);
  useEffect(() => {
    if (!isOpen) connection.current?.abort();
  }, [isOpen]);
  useThemeOf(terminal, frame);
  return <div ref={frame} className="terminal-frame" />;
}

function openTerminal(element: HTMLElement, leave: () => void) {
  const styles = styleByScript(document);
  const terminal = new Terminal({
    theme: terminalTheme(element),
    fontFamily: 'ui-monospace, "Cascadia Mono", "Liberation Mono", Menlo, monospace',
    fontSize: 13,
    cursorBlink: false,
    minimumContrastRatio: 4.5,
    screenReaderMode: true,
    scrollback: 5_000,
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(element);
  fit.fit();
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.key !== 'Escape' || !event.shiftKey) return true;
    if (event.type === 'keydown') leave();
    return false;
  });
  const resized = new ResizeObserver(() => fit.fit());
  resized.observe(element);
  terminal.focus();
  return {
    terminal,
    ends: endsOf(terminal),
    close() {
      resized.disconnect();
      terminal.dispose();
      styles.forget();
    },
  };
}

function endsOf(terminal: Terminal): TerminalEnds {
  return {
    size: () => ({ width: terminal.cols, height: terminal.rows }),
    draw: (bytes) => new Promise((resolve) => terminal.write(bytes, resolve)),
    onTyped: (listener) => {
      terminal.onData((text) => listener(new TextEncoder().encode(text)));
      terminal.onBinary((text) => listener(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));
    },
    onResized: (listener) => void terminal.onResize(listener),
  };
}

/** Its colours follow the page's, by hand or by the system. */
function useThemeOf(terminal: React.RefObject<Terminal | undefined>, frame: React.RefObject<HTMLElement | null>) {
  const theme = useTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a theme changes what the colours are.
  useEffect(() => {
    const apply = () => {
      if (terminal.current && frame.current) terminal.current.options.theme = terminalTheme(frame.current);
    };
    apply();
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', apply);
    return () => dark.removeEventListener('change', apply);
  }, [theme]);
}
