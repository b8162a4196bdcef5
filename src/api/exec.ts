/** The client's end of a command beside a task. */
import type { ExecInputFrame, ExecOutputFrame } from '../model/exec-frames.ts';
import type { ApiSocket } from './api-socket.ts';

export interface ExecQuery {
  readonly task: string;
  readonly command: readonly string[];
  readonly tty: boolean;
}

export interface ExecConversation {
  /** End when the connection ends, with the command or without it. */
  readonly frames: AsyncIterable<ExecOutputFrame>;
  /** Why it ended, in the agent's words. */
  readonly ended: Promise<string>;
  /** Resolves when it is on its way. */
  send(frame: ExecInputFrame): Promise<void>;
  close(): void;
}

export const execOver = (socket: ApiSocket): ExecConversation => ({
  frames: framesOf(socket.messages),
  ended: socket.closed,
  send: (frame) => socket.send(JSON.stringify(frame)),
  close: () => socket.close(),
});

async function* framesOf(messages: AsyncIterable<string>): AsyncGenerator<ExecOutputFrame> {
  for await (const text of messages) yield JSON.parse(text) as ExecOutputFrame;
}
