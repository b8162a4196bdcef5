/** A terminal on the page and a command beside a task, put together: what is typed goes in, what comes is drawn. */
import type { ExecConversation } from '../../src/api/exec.ts';
import { bytesOf, textOf } from './base64.ts';

/** As much of a terminal as is needed. */
export interface TerminalEnds {
  readonly size: () => { readonly width: number; readonly height: number };
  /** Resolves when it is drawn, so that a flood does not pile up. */
  readonly draw: (bytes: Uint8Array) => Promise<void>;
  readonly onTyped: (listener: (bytes: Uint8Array) => void) => void;
  readonly onResized: (listener: () => void) => void;
}

const SIGN_OF_LIFE_MS = 10_000;

/** Resolves with how it ended, in a sentence. */
export async function talk(terminal: TerminalEnds, conversation: ExecConversation): Promise<string> {
  const send = (frame: Parameters<typeof conversation.send>[0]) => void conversation.send(frame).catch(() => undefined);
  const tellSize = () => send({ tty_size: terminal.size() });
  tellSize();
  terminal.onResized(tellSize);
  terminal.onTyped((bytes) => send({ stdin: { data: textOf(bytes) } }));
  const alive = setInterval(() => send({}), SIGN_OF_LIFE_MS);
  try {
    let exitCode: number | undefined;
    for await (const { stdout, stderr, exited, result } of conversation.frames) {
      for (const data of [stdout?.data, stderr?.data]) if (data) await terminal.draw(bytesOf(data));
      if (exited) exitCode = result?.exit_code ?? 0;
    }
    return endWords(exitCode, await conversation.ended);
  } finally {
    clearInterval(alive);
    conversation.close();
  }
}

export function endWords(exitCode: number | undefined, reason: string): string {
  if (exitCode !== undefined) return `The command ended with exit code ${exitCode}.`;
  if (reason !== '') return reason;
  return 'The connection was lost before the command ended; with it the command was killed.';
}
