/**
 * The header fields of an HTTP/1.1 message, read strictly: what two parsers could read differently is refused, since
 * that difference is what request smuggling lives on.
 */

export interface HeaderField {
  readonly name: string;
  readonly lower: string;
  readonly value: string;
}

/** A message that cannot be forwarded; `status` is what the client is told when it sent it. */
export class BadMessage extends Error {
  override readonly name = 'BadMessage';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** How the end of a message's body is found. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' };

export const NO_BODY: Framing = { kind: 'none' };
export const CHUNKED: Framing = { kind: 'chunked' };
export const UNTIL_CLOSE: Framing = { kind: 'until-close' };

/** One line: a token, a colon right after it, a value without control characters, CRLF. Folded lines don't match. */
const FIELD = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)\r\n/y;

/** Reads every field from `from` to the end of `text`, which ends with the last field's CRLF. */
export function parseFields(text: string, from: number): HeaderField[] {
  const fields: HeaderField[] = [];
  let at = from;
  while (at < text.length) {
    FIELD.lastIndex = at;
    const match = FIELD.exec(text);
    if (match === null) throw new BadMessage(400, 'a header line is malformed');
    const name = match[1]!;
    fields.push({ name, lower: name.toLowerCase(), value: trimEnd(match[2]!) });
    at = FIELD.lastIndex;
  }
  return fields;
}

/** What the fields say about the message itself rather than to the other end. */
export interface MessageFacts {
  readonly contentLength: number | undefined;
  readonly transferEncoding: string | undefined;
  /** The lower-case options of `Connection`. */
  readonly connection: readonly string[];
  readonly upgrade: string | undefined;
  readonly host: string | undefined;
  readonly expect: string | undefined;
  readonly keepAlive: string | undefined;
}

interface Facts {
  contentLength: number | undefined;
  transferEncoding: string | undefined;
  connection: readonly string[];
  upgrade: string | undefined;
  host: string | undefined;
  expect: string | undefined;
  keepAlive: string | undefined;
}

const NO_OPTIONS: readonly string[] = [];

export function messageFacts(fields: readonly HeaderField[]): MessageFacts {
  const facts: Facts = {
    contentLength: undefined,
    transferEncoding: undefined,
    connection: NO_OPTIONS,
    upgrade: undefined,
    host: undefined,
    expect: undefined,
    keepAlive: undefined,
  };
  for (const field of fields) noteField(facts, field);
  if (facts.contentLength !== undefined && facts.transferEncoding !== undefined) {
    throw new BadMessage(400, 'Content-Length and Transfer-Encoding exclude each other');
  }
  return facts;
}

function noteField(facts: Facts, field: HeaderField): void {
  switch (field.lower) {
    case 'content-length':
      if (facts.contentLength !== undefined) throw new BadMessage(400, 'Content-Length is there twice');
      facts.contentLength = parseLength(field.value);
      return;
    case 'transfer-encoding':
      if (facts.transferEncoding !== undefined) throw new BadMessage(400, 'Transfer-Encoding is there twice');
      facts.transferEncoding = field.value.toLowerCase();
      return;
    case 'host':
      if (facts.host !== undefined) throw new BadMessage(400, 'Host is there twice');
      facts.host = field.value;
      return;
    case 'connection':
      facts.connection = [...facts.connection, ...options(field.value)];
      return;
    case 'upgrade':
      facts.upgrade = facts.upgrade === undefined ? field.value : `${facts.upgrade}, ${field.value}`;
      return;
    case 'expect':
      facts.expect = field.value.toLowerCase();
      return;
    case 'keep-alive':
      facts.keepAlive = field.value;
      return;
  }
}

function parseLength(value: string): number {
  if (!/^[0-9]{1,15}$/.test(value)) throw new BadMessage(400, 'Content-Length is not a number');
  return Number(value);
}

const options = (value: string): string[] =>
  value
    .toLowerCase()
    .split(',')
    .map((option) => option.trim())
    .filter((option) => option !== '');

function trimEnd(value: string): string {
  let end = value.length;
  while (end > 0 && (value.charCodeAt(end - 1) === 32 || value.charCodeAt(end - 1) === 9)) end--;
  return end === value.length ? value : value.slice(0, end);
}
