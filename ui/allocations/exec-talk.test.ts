/** What a terminal and a command say to each other. */
import { expect, it } from 'vitest';
import type { ExecConversation } from '../../src/api/exec.ts';
import type { ExecInputFrame, ExecOutputFrame } from '../../src/model/exec-frames.ts';
import { bytesOf, textOf } from './base64.ts';
import { endWords, type TerminalEnds, talk } from './exec-talk.ts';

const encoded = (text: string) => textOf(new TextEncoder().encode(text));
const decoded = (text: string) => new TextDecoder().decode(bytesOf(text));

async function* framesOf(frames: readonly ExecOutputFrame[]) {
  yield* frames;
}

function stage(frames: readonly ExecOutputFrame[], reason = '') {
  const sent: ExecInputFrame[] = [];
  let drawn = '';
  let isClosed = false;
  const listeners: { typed?: (bytes: Uint8Array) => void; resized?: () => void } = {};
  let size = { width: 80, height: 24 };
  const terminal: TerminalEnds = {
    size: () => size,
    draw: async (bytes) => {
      drawn += new TextDecoder().decode(bytes);
    },
    onTyped: (listener) => {
      listeners.typed = listener;
    },
    onResized: (listener) => {
      listeners.resized = listener;
    },
  };
  const conversation: ExecConversation = {
    frames: framesOf(frames),
    ended: Promise.resolve(reason),
    send: async (frame) => void sent.push(frame),
    close: () => {
      isClosed = true;
    },
  };
  return {
    terminal,
    conversation,
    sent,
    type: (text: string) => listeners.typed?.(new TextEncoder().encode(text)),
    resize: (width: number, height: number) => {
      size = { width, height };
      listeners.resized?.();
    },
    drawn: () => drawn,
    isClosed: () => isClosed,
  };
}

it('says the size first and whenever it changes, sends what is typed, and draws what comes', async () => {
  const scene = stage([
    { stdout: { data: encoded('$ ') } },
    { stdout: { close: true } },
    { exited: true, result: { exit_code: 3 } },
  ]);
  const ended = talk(scene.terminal, scene.conversation);
  scene.type('ls é\r');
  scene.resize(120, 40);
  expect(await ended).toBe('The command ended with exit code 3.');
  expect(scene.drawn()).toBe('$ ');
  expect(scene.sent).toEqual([
    { tty_size: { width: 80, height: 24 } },
    { stdin: { data: encoded('ls é\r') } },
    { tty_size: { width: 120, height: 40 } },
  ]);
  expect(scene.isClosed()).toBe(true);
});

it('says why the agent ended it', async () => {
  const scene = stage([], 'task "web" is not running');
  expect(await talk(scene.terminal, scene.conversation)).toBe('task "web" is not running');
});

it.each([
  [0, '', /exit code 0/],
  [undefined, '', /connection was lost/],
])('an end with exit code %s and reason "%s"', (code, reason, words) => {
  expect(endWords(code, reason)).toMatch(words);
});

it('carries any bytes, of any length', () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => at % 256);
  expect(bytesOf(textOf(bytes))).toEqual(bytes);
  expect(decoded(encoded('ä€😀'))).toBe('ä€😀');
});
