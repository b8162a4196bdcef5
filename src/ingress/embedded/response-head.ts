/** The head of an instance's response: its status, and how its body ends. */
import {
  BadMessage,
  CHUNKED,
  type Framing,
  type HeaderField,
  type MessageFacts,
  messageFacts,
  NO_BODY,
  parseFields,
  UNTIL_CLOSE,
} from './header-fields.ts';

export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  readonly minor: 0 | 1;
  readonly fields: readonly HeaderField[];
  readonly connection: readonly string[];
  readonly framing: Framing;
  /** Whether the instance will take another request on this connection. */
  readonly keepAlive: boolean;
  /** For how long it will wait for one, where it says so. */
  readonly keepAliveMs: number | undefined;
  readonly upgrade: string | undefined;
}

const STATUS_LINE = /HTTP\/1\.(\d) (\d\d\d)(?: ([^\x00-\x08\x0a-\x1f\x7f]*))?\r\n/y;

/** `text` as for `parseRequestHead`; `method` is the request's, since HEAD has no body. Throws `BadMessage`. */
export function parseResponseHead(text: string, method: string): ResponseHead {
  STATUS_LINE.lastIndex = 0;
  const line = STATUS_LINE.exec(text);
  if (line === null) throw new BadMessage(502, 'the status line is malformed');
  const minor = line[1] === '0' ? 0 : 1;
  const status = Number(line[2]);
  const fields = parseFields(text, line[0].length);
  const facts = messageFacts(fields);
  const framing = responseFraming(facts, status, method);
  return {
    status,
    reason: line[3] ?? '',
    minor,
    fields,
    connection: facts.connection,
    framing,
    keepAlive: framing.kind !== 'until-close' && keepsAlive(facts, minor),
    keepAliveMs: keepAliveMs(facts.keepAlive),
    upgrade: facts.upgrade,
  };
}

function responseFraming(facts: MessageFacts, status: number, method: string): Framing {
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return NO_BODY;
  if (facts.transferEncoding !== undefined) {
    if (facts.transferEncoding !== 'chunked') throw new BadMessage(502, 'the only transfer coding known is chunked');
    return CHUNKED;
  }
  if (facts.contentLength === undefined) return UNTIL_CLOSE;
  return facts.contentLength === 0 ? NO_BODY : { kind: 'length', length: facts.contentLength };
}

function keepsAlive(facts: MessageFacts, minor: 0 | 1): boolean {
  if (facts.connection.includes('close')) return false;
  return minor === 1 || facts.connection.includes('keep-alive');
}

function keepAliveMs(value: string | undefined): number | undefined {
  const match = value === undefined ? null : /timeout\s*=\s*(\d{1,6})/i.exec(value);
  return match === null ? undefined : Number(match[1]) * 1000;
}
