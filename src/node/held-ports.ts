/**
 * Ports of an allocation that another process listens on. An instance started on one would fail a moment later, but in
 * that moment its check passes: it asks the stranger, who would then be sent requests that are not its own.
 */
import type { AllocatedPort } from '../model/network.ts';
import { reachableAddress } from './service-status.ts';

/** Who listens there, as "pid 1234 (node server.js)"; undefined when nobody does. */
export type PortHolder = (port: number, address: string) => Promise<string | undefined>;

/** One sentence that names them; undefined when all are free. */
export async function describeHeldPorts(
  ports: readonly AllocatedPort[],
  nodeAddress: string,
  holderOf: PortHolder,
): Promise<string | undefined> {
  const held: string[] = [];
  for (const { Label, Value, HostIP } of ports) {
    const holder = await holderOf(Value, reachableAddress(HostIP, nodeAddress));
    if (holder !== undefined) held.push(`port ${Value} ("${Label}") is held by ${holder}`);
  }
  return held.length > 0 ? held.join('; ') : undefined;
}
