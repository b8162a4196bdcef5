/** An answer as bytes: pretty where asked for, long lists in pieces so that nothing else has to wait for them. */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Answer, RowsAnswer } from './answer.ts';

/** Lists up to this length are one string. */
const WHOLE_ROWS = 100;
const ROWS_A_PIECE = 50;
const INDENT = 4;

export function sendAnswer(reply: FastifyReply, answer: Answer, pretty: boolean): FastifyReply {
  reply.code(answer.status).header('Vary', 'Accept-Encoding').headers(answer.headers);
  switch (answer.kind) {
    case 'json':
      return reply.header('Content-Type', 'application/json').send(Buffer.from(stringify(answer.value, pretty)));
    case 'rows':
      return reply.header('Content-Type', 'application/json').send(rowsBody(answer, pretty));
    case 'text':
      if (!reply.hasHeader('Content-Type')) reply.header('Content-Type', 'text/plain; charset=utf-8');
      return reply.send(Buffer.from(answer.text));
    case 'bytes':
      return reply.send(answer.bytes);
    case 'empty':
      return reply.send();
    case 'stream':
      return reply.send(Readable.from(answer.chunks, { objectMode: false, highWaterMark: 64 * 1024 }));
  }
}

/** What has nothing to say yet is answered all the same: a reader must not take an empty log for an agent that hangs. */
export function headAtOnce(answer: Answer, raw: ServerResponse): Answer {
  if (answer.kind !== 'stream') return answer;
  const { chunks } = answer;
  return {
    ...answer,
    chunks: (async function* () {
      // Read from now on: the framework has set its headers.
      if (!raw.headersSent) raw.flushHeaders();
      yield* chunks;
    })(),
  };
}

const stringify = (value: unknown, pretty: boolean): string =>
  JSON.stringify(value, null, pretty ? INDENT : undefined) ?? 'null';

function rowsBody(answer: RowsAnswer, pretty: boolean): Buffer | Readable {
  const { rows, render } = answer;
  if (rows.length > WHOLE_ROWS) return Readable.from(rowsInPieces(answer, pretty), { objectMode: false });
  return Buffer.from(
    stringify(
      rows.map((row) => render(row as never)),
      pretty,
    ),
  );
}

async function* rowsInPieces({ rows, render }: RowsAnswer, pretty: boolean): AsyncGenerator<string> {
  const comma = pretty ? ',\n' : ',';
  yield pretty ? '[\n' : '[';
  for (let from = 0; from < rows.length; from += ROWS_A_PIECE) {
    const piece = rows.slice(from, from + ROWS_A_PIECE).map((row) => itemText(render(row as never), pretty));
    yield (from === 0 ? '' : comma) + piece.join(comma);
    await new Promise((resolve) => setImmediate(resolve));
  }
  yield pretty ? '\n]' : ']';
}

function itemText(item: unknown, pretty: boolean): string {
  const text = stringify(item, pretty);
  return pretty ? text.replace(/^/gm, ' '.repeat(INDENT)) : text;
}
