/** The head of a request: what is needed to route it, to frame its body and to forward it. */
import {
  BadMessage,
  CHUNKED,
  type Framing,
  type HeaderField,
  type MessageFacts,
  messageFacts,
  NO_BODY,
  parseFields,
} from './header-fields.ts';

export interface RequestHead {
  readonly method: string;
  /** Origin form: "/path?query", or "*". */
  readonly target: string;
  /** The path alone, as it was sent. */
  readonly path: string;
  /** As in the Host header, port included; "" where HTTP/1.0 sent none. */
  readonly host: string;
  readonly minor: 0 | 1;
  readonly fields: readonly HeaderField[];
  readonly connection: readonly string[];
  readonly framing: Framing;
  /** Whether the client wants the connection kept open. */
  readonly keepAlive: boolean;
  /** The protocols that the client offers to switch to. */
  readonly upgrade: string | undefined;
  readonly expectsContinue: boolean;
  /** Bytes, as it came. */
  readonly size: number;
}

const REQUEST_LINE = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e\x80-\xff]+) HTTP\/(\d)\.(\d)\r\n/y;
const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/i;

/** `text` is the head with the CRLF of its last field and without the empty line. Throws `BadMessage`. */
export function parseRequestHead(text: string): RequestHead {
  REQUEST_LINE.lastIndex = 0;
  const line = REQUEST_LINE.exec(text);
  if (line === null) throw new BadMessage(400, 'the request line is malformed');
  const minor = versionOf(line[3]!, line[4]!);
  const fields = parseFields(text, line[0].length);
  const facts = messageFacts(fields);
  const place = placeOf(line[1]!, line[2]!, facts, minor);
  const framing = requestFraming(facts, minor);
  return {
    method: line[1]!,
    ...place,
    minor,
    fields,
    connection: facts.connection,
    framing,
    keepAlive: keepsAlive(facts, minor),
    upgrade: upgradeOf(facts, minor, framing),
    expectsContinue: facts.expect === '100-continue' && minor === 1,
    size: text.length + 2,
  };
}

function versionOf(major: string, minor: string): 0 | 1 {
  if (major !== '1') throw new BadMessage(505, 'only HTTP/1.0 and HTTP/1.1 are spoken here');
  return minor === '0' ? 0 : 1;
}

function placeOf(method: string, target: string, facts: MessageFacts, minor: 0 | 1) {
  if (method === 'CONNECT') throw new BadMessage(405, 'CONNECT is not offered');
  if (facts.host === undefined && minor === 1) throw new BadMessage(400, 'the Host header is missing');
  const host = facts.host ?? '';
  if (target.startsWith('/')) return { target, path: pathOf(target), host };
  if (target === '*' && method === 'OPTIONS') return { target, path: '/', host };
  const absolute = ABSOLUTE.exec(target);
  if (absolute === null) throw new BadMessage(400, 'the request target is malformed');
  const origin = absolute[2]!.startsWith('/') ? absolute[2]! : `/${absolute[2]!}`;
  return { target: origin, path: pathOf(origin), host: absolute[1]! };
}

export function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}

function requestFraming(facts: MessageFacts, minor: 0 | 1): Framing {
  if (facts.transferEncoding !== undefined) {
    if (minor === 0) throw new BadMessage(400, 'HTTP/1.0 knows no Transfer-Encoding');
    if (facts.transferEncoding !== 'chunked') throw new BadMessage(501, 'the only transfer coding known is chunked');
    return CHUNKED;
  }
  return facts.contentLength ? { kind: 'length', length: facts.contentLength } : NO_BODY;
}

function keepsAlive(facts: MessageFacts, minor: 0 | 1): boolean {
  if (facts.connection.includes('close')) return false;
  return minor === 1 || facts.connection.includes('keep-alive');
}

/** h2c is never passed on: it would open a way past every rule that this proxy applies to a request. */
function upgradeOf(facts: MessageFacts, minor: 0 | 1, framing: Framing): string | undefined {
  if (facts.upgrade === undefined || minor === 0 || framing.kind !== 'none') return undefined;
  if (!facts.connection.includes('upgrade') || /\bh2c?\b/i.test(facts.upgrade)) return undefined;
  return facts.upgrade;
}
