/** The sockets that listen on this machine, as `/proc/net/tcp` and `/proc/net/tcp6` list them. Pure. */
import { SocketAddress } from 'node:net';

export interface ListeningSocket {
  readonly address: string;
  readonly port: number;
}

const LISTENS = /^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) \S+ 0A /gm;

export const listeningSockets = (table: string): ListeningSocket[] =>
  [...table.matchAll(LISTENS)].map(([, address, port]) => ({
    address: addressOf(address!),
    port: Number.parseInt(port!, 16),
  }));

/** Words of four bytes, each with its last byte first. An address of the fourth family within the sixth is one of the fourth. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex')].reverse());
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, at) => ((bytes[2 * at]! << 8) | bytes[2 * at + 1]!).toString(16));
  const { address } = new SocketAddress({ address: groups.join(':'), family: 'ipv6' });
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}
