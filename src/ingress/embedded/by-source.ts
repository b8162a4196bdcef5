/**
 * The server of a client by its address. Each server has a place of its own for each client, and the first one is
 * chosen: the same by every ingress and after every change of the table. Who leaves moves its own clients, who comes
 * takes its part of all; nobody else moves.
 */
import type { Weighted } from './balancer.ts';

export interface Placed extends Weighted {
  readonly key: string;
}

export function pickBySource<S extends Placed>(servers: readonly S[], source: string): S | undefined {
  let best: S | undefined;
  let bestPlace = Number.POSITIVE_INFINITY;
  for (const server of servers) {
    const place = placeOf(server, source);
    if (place < bestPlace) [best, bestPlace] = [server, place];
  }
  return best;
}

/** Twice the weight comes first twice as often. */
const placeOf = ({ key, weight }: Placed, source: string): number => -Math.log(fraction(`${source} ${key}`)) / weight;

/** Between 0 and 1, without the ends; another one for nearly every text, and evenly spread. */
function fraction(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01_00_01_93);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85_eb_ca_6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2_b2_ae_35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32 + 2 ** -33;
}
