import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyDecoder } from './body-decoder.ts';
import { HeadReader } from './head-reader.ts';
import { BadMessage, CHUNKED } from './header-fields.ts';
import { parseRequestHead } from './request-head.ts';
import { chunkPieces, type Piece } from './socket-writes.ts';

/** The stream cut into pieces at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  const ends = [...at, bytes.length];
  return ends
    .map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end))
    .filter(({ length }) => length);
}

const cuts = fc.array(fc.nat(), { maxLength: 20 });
const body = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const token = fc.stringMatching(/^[A-Za-z0-9-]{1,12}$/);
const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);

/** A request as text with its body, and what must be read of it. */
const request = fc
  .record({
    fields: fc.array(fc.tuple(token, value), { maxLength: 6 }),
    chunks: fc.array(body, { maxLength: 5 }),
    chunked: fc.boolean(),
  })
  .map(({ fields, chunks, chunked }) => {
    const whole = Buffer.concat(chunks);
    const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${whole.length}`;
    const others = fields.map(([name, text]) => `X-${name}: ${text}\r\n`).join('');
    const head = Buffer.from(`POST /p HTTP/1.1\r\nHost: h\r\n${others}${framing}\r\n\r\n`, 'latin1');
    const pieces: Piece[] = [];
    for (const chunk of chunks) if (chunk.length > 0) chunkPieces([chunk], false, pieces);
    chunkPieces([], true, pieces);
    const framed = Buffer.concat(
      pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)),
    );
    return { bytes: Buffer.concat([head, chunked ? framed : whole]), body: whole, fields };
  });

/** Reads requests as the proxy does: head, body, the next head from what came after it. */
function readAll(pieces: readonly Buffer[]): { fields: string[]; body: string }[] {
  const reader = new HeadReader();
  const read: { fields: string[]; body: string }[] = [];
  let decoder: ReturnType<typeof bodyDecoder> | undefined;
  let fields: string[] = [];
  let data: Buffer[] = [];
  const finish = () => {
    read.push({ fields, body: Buffer.concat(data).toString('hex') });
    decoder = undefined;
    data = [];
  };
  for (const piece of pieces) {
    let rest: Buffer | undefined = piece;
    while (rest !== undefined) {
      if (decoder === undefined) {
        const text = reader.push(rest);
        rest = text?.rest;
        if (text === undefined) break;
        const head = parseRequestHead(text.text);
        fields = head.fields.map(({ name, value }) => `${name}: ${value}`);
        decoder = bodyDecoder(head.framing);
      } else rest = decoder.push(rest, data);
      if (decoder.isDone) finish();
    }
  }
  return read;
}

describe('a stream of requests', () => {
  it('is read the same however it is cut, pipelined requests and all', () => {
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 4 }), cuts, (requests, places) => {
        const bytes = Buffer.concat(requests.map((each) => each.bytes));
        const read = readAll(cut(bytes, places));
        expect(read.map((each) => each.body)).toEqual(requests.map((each) => each.body.toString('hex')));
        expect(read.map((each) => each.fields.filter((field) => field.startsWith('X-')))).toEqual(
          requests.map((each) => each.fields.map(([name, text]) => `X-${name}: ${text}`)),
        );
      }),
    );
  });

  it('is refused or not the same however it is cut', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 80 }).map((each) => Buffer.from(each)),
      fc
        .array(fc.constantFrom('\r', '\n', '\r\n', ' ', ':', 'a', 'GET / HTTP/1.1\r\n', 'Host: h\r\n', '0'))
        .map((parts) => Buffer.from(parts.join(''))),
    );
    fc.assert(
      fc.property(bytes, cuts, (stream, places) => {
        expect(headOrRefusal(cut(stream, places))).toEqual(headOrRefusal([stream]));
      }),
    );
  });
});

/** The first head, "refused", or undefined while it is incomplete. */
function headOrRefusal(pieces: readonly Buffer[]): string | undefined {
  const reader = new HeadReader();
  try {
    for (const piece of pieces) {
      const text = reader.push(piece);
      if (text !== undefined) {
        parseRequestHead(text.text);
        return text.text;
      }
    }
    return undefined;
  } catch (error) {
    if (error instanceof BadMessage) return 'refused';
    throw error;
  }
}

describe('a chunked body', () => {
  it('is decoded the same however it is cut, extensions and trailers dropped', () => {
    const chunk = fc.tuple(body, fc.constantFrom('', ';a=b', ' ; x="y"'));
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 5 }), fc.boolean(), cuts, (chunks, withTrailer, places) => {
        const parts = chunks
          .filter(([data]) => data.length > 0)
          .flatMap(([data, extension]) => [
            Buffer.from(`${data.length.toString(16)}${extension}\r\n`),
            data,
            Buffer.from('\r\n'),
          ]);
        const end = Buffer.from(`0\r\n${withTrailer ? 'X-Sum: 1\r\n' : ''}\r\n`);
        const decoder = bodyDecoder(CHUNKED);
        const data: Buffer[] = [];
        const rests = cut(Buffer.concat([...parts, end, Buffer.from('NEXT')]), places).map((piece) =>
          decoder.push(piece, data),
        );
        expect(decoder.isDone).toBe(true);
        expect(Buffer.concat(data)).toEqual(Buffer.concat(chunks.map(([each]) => each)));
        expect(Buffer.concat(rests.filter((rest) => rest !== undefined)).toString()).toBe('NEXT');
      }),
    );
  });

  it.each([
    ['a size that is none', 'x\r\n'],
    ['no size', '\r\n'],
    ['a size with a sign', '-1\r\n'],
    ['a size with 0x', '0x1\r\na\r\n'],
    ['a bare LF after the size', '1\na'],
    ['a bare LF in an extension', '1;a\nb\r\n'],
    ['data longer than its size', '1\r\nab\r\n'],
    ['a bare LF in a trailer', '0\r\na: b\n'],
    ['a huge size', 'fffffffffffff\r\n'],
    ['an endless extension', `1;${'a'.repeat(5000)}`],
  ])('is refused with %s', (_, text) => {
    expect(() => bodyDecoder(CHUNKED).push(Buffer.from(text), [])).toThrow(BadMessage);
  });
});

describe('a head', () => {
  it('of more than 32 KB is refused with 431, whether it ends or not', () => {
    const large = Buffer.from(`GET / HTTP/1.1\r\nHost: h\r\nX: ${'a'.repeat(33_000)}`);
    for (const end of ['', '\r\n\r\n']) {
      expect(() => new HeadReader().push(Buffer.concat([large, Buffer.from(end)]))).toThrow(/larger than 32 KB/);
    }
  });

  it('with a bare LF is refused at once instead of being waited out', () => {
    expect(() => new HeadReader().push(Buffer.from('GET / HTTP/1.1\nHost: h\n\n'))).toThrow(BadMessage);
  });
});
