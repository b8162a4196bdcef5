/** Standard output, error and input as a command sees them. Colours on a terminal only, and NO_COLOR is respected. */
import type { Terminal } from './command.ts';
import { colorStyle, plainStyle } from './format/style.ts';
import type { Streams } from './streams.ts';

export async function createTerminal(streams: Streams, options: { readonly color: boolean }): Promise<Terminal> {
  const { stdin, stdout, stderr } = streams;
  const isTerminal = stdout.isTTY === true;
  return {
    style: isTerminal && options.color ? await colorStyle() : plainStyle,
    isLive: isTerminal,
    columns: stdout.columns ?? 80,
    ...(stdout.rows !== undefined && { rows: stdout.rows }),
    print: (text) => void stdout.write(`${text}\n`),
    complain: (text) => void stderr.write(`${text}\n`),
    write: (chunk) => void stdout.write(chunk),
    writeError: (chunk) => void stderr.write(chunk),
    ask: async (question) => (isTerminal && stdin.isTTY ? askLine(streams, question) : undefined),
    readInput: () => readAll(stdin),
  };
}

/** Whether the environment lets colours be. */
export const allowsColor = (environment: Readonly<Record<string, string | undefined>>): boolean =>
  !environment['NO_COLOR'] && !environment['NOMAD_CLI_NO_COLOR'] && environment['TERM'] !== 'dumb';

async function askLine({ stdin, stdout }: Streams, question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: stdin, output: stdout });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

async function readAll(stdin: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
