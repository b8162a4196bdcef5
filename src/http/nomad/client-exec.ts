/** /v1/client/allocation/:id/exec: a command beside a task, over a WebSocket. */
import type { Readable, Writable } from 'node:stream';
import type { AttachedCommand } from '../../drivers/driver.ts';
import { SerinError } from '../../lib/errors.ts';
import { isUuid } from '../../lib/ids.ts';
import { type ExecInputFrame, type ExecOutputFrame, SocketCodes } from '../../model/exec-frames.ts';
import { isObject } from '../body.ts';
import type { Conversation } from '../conversation.ts';
import type { ExecOptions } from '../deps.ts';
import type { ForwardSocket } from '../forward-socket.ts';
import type { Call, Route } from '../route.ts';
import { type ClientDeps, unknown } from './locate-alloc.ts';

export interface ExecDeps extends Pick<ClientDeps, 'locate'> {
  readonly forwardSocket: ForwardSocket;
}

export const clientExecRoutes = (deps: ExecDeps): readonly Route[] => [
  {
    path: '/v1/client/allocation/:id/exec',
    GET: () => {
      throw new SerinError('badRequest', 'This resource speaks WebSocket only: ask with "Upgrade: websocket".');
    },
    WEBSOCKET: (call, talk) => exec(deps, call, talk),
  },
];

async function exec({ locate, forwardSocket }: ExecDeps, call: Call, talk: Conversation): Promise<void> {
  const allocId = (call.params.id ?? '').toLowerCase();
  if (!isUuid(allocId)) throw unknown('allocation', allocId);
  const located = locate(allocId);
  if ('elsewhere' in located) return forwardSocket(located.elsewhere, call, talk);
  if (located.node.exec === undefined) throw new SerinError('notSupported', 'This node runs no commands beside tasks.');
  await converse(talk, await located.node.exec(allocId, optionsOf(call)));
}

function optionsOf({ query, signal }: Call): ExecOptions {
  const command = commandOf(query.text('command') ?? '');
  return { task: query.text('task') ?? '', command, tty: query.flag('tty'), signal };
}

function commandOf(text: string): readonly [string, ...string[]] {
  try {
    const words: unknown = JSON.parse(text);
    const isList = Array.isArray(words) && words.every((word) => typeof word === 'string' && !word.includes('\0'));
    if (isList && words[0]) return words as [string, ...string[]];
  } catch {
    // Said below.
  }
  throw new SerinError('badRequest', 'command must be a JSON list of the command and its arguments: ["/bin/sh"]');
}

/** Ends with the command, or with the client, whose leaving ends the command. */
async function converse(talk: Conversation, command: AttachedCommand): Promise<void> {
  const say = (frame: ExecOutputFrame) => talk.send(JSON.stringify(frame));
  const output = Promise.all([
    passOn(command.stdout, (stdout) => say({ stdout })),
    passOn(command.stderr, (stderr) => say({ stderr })),
  ]);
  const ended = output.then(() => command.exited);
  const input = takeInput(talk.messages, command);
  const exit_code = await Promise.race([ended, input.then(() => ended)]);
  await say({ exited: true, result: { exit_code } });
  talk.close(SocketCodes.done, '');
}

async function passOn(stream: Readable, send: (frame: { data?: string; close?: boolean }) => Promise<void>) {
  for await (const chunk of stream) await send({ data: Buffer.from(chunk as Buffer).toString('base64') });
  await send({ close: true });
}

async function takeInput(messages: AsyncIterable<string>, command: AttachedCommand): Promise<void> {
  // A command may end without having read all that it was sent.
  command.stdin.on('error', () => {});
  for await (const text of messages) {
    const { stdin, tty_size } = frameOf(text);
    if (tty_size !== undefined) command.resize({ columns: Number(tty_size.width), rows: Number(tty_size.height) });
    if (stdin?.data) await written(command.stdin, Buffer.from(stdin.data, 'base64'));
    if (stdin?.close) command.stdin.end();
  }
}

function frameOf(text: string): ExecInputFrame {
  try {
    const frame: unknown = JSON.parse(text);
    if (isObject(frame) && isObject(frame.stdin ?? {}) && isObject(frame.tty_size ?? {})) return frame;
  } catch {
    // Said below.
  }
  throw new SerinError('badRequest', 'A message must be JSON: {"stdin": {"data": "…"}} or {"tty_size": {…}}.');
}

const written = (to: Writable, data: Buffer): Promise<void> =>
  new Promise((resolve) => {
    if (to.writable) to.write(data, () => resolve());
    else resolve();
  });
