/** This end of `alloc exec`: keys and pipes go there, what comes from there is written here, until the command has ended. */
import type { ExecConversation } from '../api/exec.ts';
import { UsageError } from './command.ts';
import { escapeKeys } from './escape-keys.ts';
import type { Streams } from './streams.ts';

export interface ExecTerminal {
  readonly tty: boolean;
  /** Whether standard input goes there at all. */
  readonly interactive: boolean;
  /** One byte; undefined: none. */
  readonly escapeKey: number | undefined;
}

/** Resolves with the command's exit status. Whatever happens, the terminal is as it was before. */
export async function talkThrough(
  conversation: ExecConversation,
  streams: Streams,
  options: ExecTerminal,
): Promise<number> {
  const { stdin, stdout } = streams;
  const isRaw = options.tty && options.interactive && stdin.isTTY === true;
  const tellSize = () => {
    if (stdout.columns && stdout.rows)
      void conversation.send({ tty_size: { height: stdout.rows, width: stdout.columns } });
  };
  if (options.tty) {
    tellSize();
    stdout.on('resize', tellSize);
  }
  if (!options.interactive) void conversation.send({ stdin: { close: true } });
  if (isRaw) stdin.setRawMode?.(true);
  try {
    return await Promise.race([
      printed(conversation, streams),
      ...(options.interactive ? [typed(conversation, streams, options)] : []),
    ]);
  } finally {
    stdout.off('resize', tellSize);
    if (isRaw) stdin.setRawMode?.(false);
    stdin.pause();
    (stdin as { unref?: () => void }).unref?.();
    conversation.close();
  }
}

async function printed(conversation: ExecConversation, { stdout, stderr }: Streams): Promise<number> {
  for await (const frame of conversation.frames) {
    if (frame.stdout?.data) await written(stdout, frame.stdout.data);
    if (frame.stderr?.data) await written(stderr, frame.stderr.data);
    if (frame.exited === true && frame.result !== undefined) return frame.result.exit_code;
  }
  const reason = await conversation.ended;
  throw new UsageError(`failed to exec into task: ${reason}`);
}

/** Resolves only when the user leaves; the end of the input is not the end of the command. */
function typed(conversation: ExecConversation, { stdin, stderr }: Streams, options: ExecTerminal): Promise<number> {
  const keys = escapeKeys(options.tty && stdin.isTTY ? options.escapeKey : undefined);
  return new Promise((resolve) => {
    stdin.on('data', (chunk: Buffer | string) => {
      const { data, isOver } = keys(Buffer.from(chunk as Buffer));
      if (data.length > 0) pass(data);
      if (!isOver) return;
      stderr.write('\r\n');
      resolve(LEFT);
    });
    stdin.on('end', () => void conversation.send({ stdin: { close: true } }));
    const pass = (data: Buffer) => {
      stdin.pause();
      void conversation.send({ stdin: { data: data.toString('base64') } }).then(() => stdin.resume());
    };
  });
}

/** As shells count a command that was hung up on. */
const LEFT = 129;

const written = (to: NodeJS.WritableStream, base64: string): Promise<void> =>
  new Promise((resolve) => void to.write(Buffer.from(base64, 'base64'), () => resolve()));
