/**
 * The heads that the proxy sends: a request's to the instance, a response's to the client, and answers of its own.
 * Pure text; everything that concerns one hop only is dropped and written anew.
 */
import { STATUS_CODES } from 'node:http';
import type { HeaderField } from './header-fields.ts';
import type { Origin } from './origin.ts';
import type { RequestHead } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';

/** Of this hop only, or written by us; `proxy` would become HTTP_PROXY in CGI programs. */
const NOT_FORWARDED: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const REQUEST_NOT_FORWARDED: ReadonlySet<string> = new Set([
  ...NOT_FORWARDED,
  'host',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'forwarded',
]);

/** What a `Connection` header must not take out of a message, whoever asks for it. */
const PROTECTED: ReadonlySet<string> = new Set(['content-length', 'host', 'expect']);

/** The request as the instance gets it. */
export function renderRequestHead(head: RequestHead, origin: Origin): string {
  let text = `${head.method} ${head.target} HTTP/1.1\r\nHost: ${head.host}\r\n`;
  text += forwardedFields(head.fields, REQUEST_NOT_FORWARDED, head.connection);
  text += origin.isTrusted ? trustedLines(head, origin) : ownLines(head, origin);
  if (head.framing.kind === 'chunked') text += 'Transfer-Encoding: chunked\r\n';
  if (head.upgrade !== undefined) text += `Connection: Upgrade\r\nUpgrade: ${head.upgrade}\r\n`;
  return `${text}\r\n`;
}

/** The same as names and values, for an instance that speaks HTTP/2. `Host` is not among them. */
export function requestPairs(head: RequestHead, origin: Origin): [name: string, value: string][] {
  const lines = origin.isTrusted ? trustedLines(head, origin) : ownLines(head, origin);
  const own = lines.split('\r\n').filter((line) => line !== '');
  return [
    ...head.fields.filter(isForwarded(REQUEST_NOT_FORWARDED, head.connection)).map(pairOf),
    ...own.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)];
    }),
  ];
}

/** How the body goes on to the client: "as-is" needs no framing of ours, "close" ends with the connection. */
export type ResponseBodyMode = 'as-is' | 'chunked' | 'close';

export interface ResponseHop {
  readonly clientMinor: 0 | 1;
  readonly bodyMode: ResponseBodyMode;
  readonly keepAlive: boolean;
  /** Those that we set ourselves. */
  readonly cookies: readonly string[];
}

export function renderResponseHead(head: ResponseHead, hop: ResponseHop): string {
  let text = `HTTP/1.1 ${head.status} ${head.reason}\r\n`;
  text += forwardedFields(head.fields, NOT_FORWARDED, head.connection);
  for (const cookie of hop.cookies) text += `Set-Cookie: ${cookie}\r\n`;
  if (hop.bodyMode === 'chunked') text += 'Transfer-Encoding: chunked\r\n';
  if (!hop.keepAlive) text += 'Connection: close\r\n';
  else if (hop.clientMinor === 0) text += 'Connection: keep-alive\r\n';
  return `${text}\r\n`;
}

/** The same as names and values, for a client that speaks HTTP/2. */
export const responsePairs = (head: ResponseHead): [name: string, value: string][] =>
  head.fields.filter(isForwarded(NOT_FORWARDED, head.connection)).map(pairOf);

/** 100 and 103: on to the client as they are. 101: with the protocol that the instance chose. */
export function renderInterimHead(head: ResponseHead): string {
  const fields = forwardedFields(head.fields, NOT_FORWARDED, head.connection);
  const upgrade =
    head.status === 101 && head.upgrade !== undefined ? `Connection: Upgrade\r\nUpgrade: ${head.upgrade}\r\n` : '';
  return `HTTP/1.1 ${head.status} ${head.reason}\r\n${fields}${upgrade}\r\n`;
}

/** Header fields of an answer in our own words, beside those that every one has. */
export type OwnFields = Readonly<Record<string, string>>;

/** An answer of the proxy itself: one line of text. */
export function renderOwnResponse(
  status: number,
  message: string,
  hop: { readonly keepAlive: boolean; readonly isHead: boolean; readonly fields?: OwnFields },
): string {
  const body = `${message}\n`;
  const head =
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n${status === 503 ? 'Retry-After: 1\r\n' : ''}` +
    Object.entries(hop.fields ?? {})
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('') +
    `${hop.keepAlive ? '' : 'Connection: close\r\n'}\r\n`;
  return hop.isHead ? head : head + body;
}

function forwardedFields(
  fields: readonly HeaderField[],
  dropped: ReadonlySet<string>,
  connection: readonly string[],
): string {
  let text = '';
  for (const { name, lower, value } of fields) {
    if (dropped.has(lower)) continue;
    if (connection.length > 0 && connection.includes(lower) && !PROTECTED.has(lower)) continue;
    text += `${name}: ${value}\r\n`;
  }
  return text;
}

const isForwarded =
  (dropped: ReadonlySet<string>, connection: readonly string[]) =>
  ({ lower }: HeaderField): boolean =>
    !dropped.has(lower) && (!connection.includes(lower) || PROTECTED.has(lower));

const pairOf = ({ lower, value }: HeaderField): [string, string] => [lower, value];

/** Whatever the client says about itself is dropped: anybody may write it. */
const ownLines = (head: RequestHead, origin: Origin): string =>
  head.host === '' ? origin.lines : `${origin.lines}X-Forwarded-Host: ${head.host}\r\n`;

/** A load balancer of ours has seen the client before us. */
function trustedLines({ fields, host }: RequestHead, { client, local, scheme }: Origin): string {
  const said = (name: string) => fields.filter(({ lower }) => lower === name).map(({ value }) => value);
  const chain = [...said('x-forwarded-for'), client.address].join(', ');
  const toldHost = said('x-forwarded-host')[0] ?? host;
  return (
    `X-Forwarded-For: ${chain}\r\nX-Forwarded-Proto: ${said('x-forwarded-proto')[0] ?? scheme}\r\n` +
    `X-Forwarded-Port: ${said('x-forwarded-port')[0] ?? local.port}\r\n` +
    (toldHost === '' ? '' : `X-Forwarded-Host: ${toldHost}\r\n`) +
    said('forwarded')
      .map((value) => `Forwarded: ${value}\r\n`)
      .join('')
  );
}
