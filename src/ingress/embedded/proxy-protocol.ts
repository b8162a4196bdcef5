/**
 * The PROXY protocol, versions 1 and 2: the first bytes of a connection say who the client is, since a load balancer in
 * between hides it. https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt
 */
import { isIP, isIPv6 } from 'node:net';
import { BadMessage } from './header-fields.ts';
import type { Endpoint } from './origin.ts';

export interface ProxyHeader {
  /** undefined: the sender speaks for itself (its own health check). */
  readonly ends: { readonly client: Endpoint; readonly local: Endpoint } | undefined;
  /** What came after it. */
  readonly rest: Buffer | undefined;
}

const V2_SIGNATURE = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
const V2_FIXED_BYTES = 16;
const V1_START = Buffer.from('PROXY ', 'latin1');
const V1_MAX_BYTES = 107;
/** More than any list of extras that is in use. */
const V2_MAX_BYTES = 4096;

/** The header at the start of a connection; undefined while it is not complete. Throws `BadMessage`. */
export function parseProxyHeader(bytes: Buffer): ProxyHeader | undefined {
  if (startsAs(bytes, V2_SIGNATURE)) return bytes.length < V2_FIXED_BYTES ? undefined : parseV2(bytes);
  if (startsAs(bytes, V1_START)) return parseV1(bytes);
  throw malformed();
}

/** The header for an instance. `ends` undefined: nobody's connection, as a check's is. */
export function renderProxyHeader(version: 'v1' | 'v2', ends: ProxyHeader['ends']): Buffer {
  return version === 'v1' ? Buffer.from(renderV1(ends), 'latin1') : renderV2(ends);
}

const startsAs = (bytes: Buffer, wanted: Buffer): boolean => {
  const length = Math.min(bytes.length, wanted.length);
  return bytes.subarray(0, length).equals(wanted.subarray(0, length));
};

function parseV1(bytes: Buffer): ProxyHeader | undefined {
  const end = bytes.indexOf('\r\n');
  if (end === -1 && bytes.length < V1_MAX_BYTES) return undefined;
  if (end === -1 || end > V1_MAX_BYTES) throw malformed();
  const [, family, from, to, fromPort, toPort] = bytes.toString('latin1', 0, end).split(' ');
  const rest = restOf(bytes, end + 2);
  if (family === 'UNKNOWN') return { ends: undefined, rest };
  const client = endpoint(from, fromPort);
  const local = endpoint(to, toPort);
  if ((family !== 'TCP4' && family !== 'TCP6') || !client || !local) throw malformed();
  return { ends: { client, local }, rest };
}

function endpoint(address: string | undefined, port: string | undefined): Endpoint | undefined {
  if (!isIP(address ?? '') || !/^\d{1,5}$/.test(port ?? '') || Number(port) > 65535) return undefined;
  return { address: address!, port: Number(port) };
}

function parseV2(bytes: Buffer): ProxyHeader | undefined {
  const length = bytes.readUInt16BE(14);
  if (length > V2_MAX_BYTES || bytes[12]! >> 4 !== 2) throw malformed();
  if (bytes.length < V2_FIXED_BYTES + length) return undefined;
  const rest = restOf(bytes, V2_FIXED_BYTES + length);
  const isLocal = (bytes[12]! & 0x0f) === 0;
  if (isLocal) return { ends: undefined, rest };
  const family = bytes[13]! >> 4;
  const addressBytes = family === 1 ? 4 : 16;
  if ((family !== 1 && family !== 2) || length < 2 * addressBytes + 4) return { ends: undefined, rest };
  return { ends: endsOfV2(bytes.subarray(V2_FIXED_BYTES), addressBytes), rest };
}

function endsOfV2(block: Buffer, addressBytes: number): ProxyHeader['ends'] {
  const address = (at: number) => addressText(block.subarray(at, at + addressBytes));
  const port = (nth: number) => block.readUInt16BE(2 * addressBytes + 2 * nth);
  return {
    client: { address: address(0), port: port(0) },
    local: { address: address(addressBytes), port: port(1) },
  };
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(bytes.readUInt16BE(at).toString(16));
  return groups.join(':');
}

function renderV1(ends: ProxyHeader['ends']): string {
  if (ends === undefined || !isIP(ends.client.address) || !isIP(ends.local.address)) return 'PROXY UNKNOWN\r\n';
  const { client, local } = ends;
  const isSix = isIPv6(client.address) || isIPv6(local.address);
  const text = ({ address }: Endpoint) => (isSix && !isIPv6(address) ? `::ffff:${address}` : address);
  return `PROXY ${isSix ? 'TCP6' : 'TCP4'} ${text(client)} ${text(local)} ${client.port} ${local.port}\r\n`;
}

function renderV2(ends: ProxyHeader['ends']): Buffer {
  if (ends === undefined || !isIP(ends.client.address) || !isIP(ends.local.address)) return headV2(0x20, 0x00, 0);
  const isSix = isIPv6(ends.client.address) || isIPv6(ends.local.address);
  const bytesOf = ({ address }: Endpoint) =>
    isSix ? bytesOfSix(address) : Buffer.from(address.split('.').map(Number));
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(ends.client.port, 0);
  ports.writeUInt16BE(ends.local.port, 2);
  const block = Buffer.concat([bytesOf(ends.client), bytesOf(ends.local), ports]);
  return Buffer.concat([headV2(0x21, isSix ? 0x21 : 0x11, block.length), block]);
}

function headV2(command: number, family: number, length: number): Buffer {
  const head = Buffer.alloc(V2_FIXED_BYTES);
  V2_SIGNATURE.copy(head);
  head[12] = command;
  head[13] = family;
  head.writeUInt16BE(length, 14);
  return head;
}

/** An address of the fourth family stands as one of the sixth. */
function bytesOfSix(address: string): Buffer {
  const bytes = Buffer.alloc(16);
  const plain = address.split('%')[0]!;
  if (!isIPv6(plain)) {
    bytes.writeUInt16BE(0xffff, 10);
    Buffer.from(plain.split('.').map(Number)).copy(bytes, 12);
    return bytes;
  }
  const [head = '', tail] = withoutDots(plain).split('::');
  const front = groupsOf(head);
  const back = groupsOf(tail ?? '');
  front.forEach((group, at) => {
    bytes.writeUInt16BE(group, 2 * at);
  });
  back.forEach((group, at) => {
    bytes.writeUInt16BE(group, 16 - 2 * (back.length - at));
  });
  return bytes;
}

const groupsOf = (text: string): number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));

/** "::ffff:1.2.3.4" as "::ffff:102:304". */
function withoutDots(address: string): string {
  const match = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  if (match === null) return address;
  const [a, b, c, d] = match.slice(2).map(Number) as [number, number, number, number];
  return `${match[1]}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

const restOf = (bytes: Buffer, from: number): Buffer | undefined =>
  from < bytes.length ? bytes.subarray(from) : undefined;

const malformed = () => new BadMessage(400, 'the connection does not begin with a PROXY header');
