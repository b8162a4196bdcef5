/** The head of a request of HTTP/2, as the rest of the proxy knows it from HTTP/1. */
import type { IncomingHttpHeaders } from 'node:http2';
import { BadMessage, CHUNKED, type Framing, type HeaderField, NO_BODY } from './header-fields.ts';
import { fieldsOf } from './http2-headers.ts';
import { pathOf, type RequestHead } from './request-head.ts';

const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** What would read otherwise in a request line or a `Host` header of HTTP/1. */
const TARGET = /^(?:\/[\x21-\x7e\x80-\xff]*|\*)$/;
const HOST = /^[\x21-\x7e]*$/;

/** `raw` is the list of names and values as they came; `isEnd`: no body follows. Throws `BadMessage`. */
export function requestHeadOf(headers: IncomingHttpHeaders, raw: readonly string[], isEnd: boolean): RequestHead {
  const method = headers[':method'] ?? '';
  const target = headers[':path'] ?? '';
  const host = headers[':authority'] ?? headers.host ?? '';
  if (method === 'CONNECT') throw new BadMessage(405, 'CONNECT is not offered');
  if (!METHOD.test(method) || !TARGET.test(target)) throw new BadMessage(400, 'the request target is malformed');
  if (host === '' || !HOST.test(host)) throw new BadMessage(400, 'the host is missing or malformed');
  const fields = fieldsOf(raw).filter(({ lower }) => lower !== 'host');
  return {
    method,
    target,
    path: target === '*' ? '/' : pathOf(target),
    host,
    minor: 1,
    fields,
    connection: [],
    framing: isEnd ? NO_BODY : framingOf(headers['content-length']),
    keepAlive: true,
    upgrade: undefined,
    expectsContinue: false,
    // As it was before it was compressed.
    size: raw.reduce((sum, text) => sum + text.length, 0),
  };
}

export function fieldsOfTrailers(headers: IncomingHttpHeaders): HeaderField[] {
  return fieldsOf(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [value].flat().flatMap((each) => [name, each]),
    ),
  );
}

/** The instance gets the length that the client has told; the library has it kept. */
function framingOf(contentLength: string | undefined): Framing {
  if (contentLength === undefined) return CHUNKED;
  if (!/^[0-9]{1,15}$/.test(contentLength)) throw new BadMessage(400, 'Content-Length is not a number');
  return { kind: 'length', length: Number(contentLength) };
}
