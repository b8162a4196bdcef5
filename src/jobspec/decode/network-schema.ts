/** network and its ports, of a group or (the old way) of a task's resources. */
import type { Json } from '../evaluate/value.ts';
import { attribute, block, list, one, plainText, type Wire } from './schema.ts';

const port = block({
  labels: ['label'],
  labelWire: 'Label',
  attributes: {
    static: attribute('Value', 'integer', { absent: 0 }),
    to: attribute('To', 'integer', { absent: 0 }),
    host_network: plainText('HostNetwork'),
  },
});

const dns = block({
  attributes: {
    servers: attribute('Servers', 'strings'),
    searches: attribute('Searches', 'strings'),
    options: attribute('Options', 'strings'),
  },
});

/** A port with a number is reserved, one without is given a number when it is placed. */
function splitPorts({ ports, ...wire }: Wire): Wire {
  const all = (ports ?? []) as Wire[];
  const reserved = all.filter((each) => each.Value !== 0);
  const dynamic = all.filter((each) => each.Value === 0);
  return { ...wire, ReservedPorts: orNull(reserved), DynamicPorts: orNull(dynamic) };
}

const joinPorts = ({ ReservedPorts, DynamicPorts, ...wire }: Wire): Wire => ({
  ...wire,
  ports: [...((ReservedPorts ?? []) as Wire[]), ...((DynamicPorts ?? []) as Wire[])],
});

const orNull = (ports: Wire[]): Json => (ports.length === 0 ? null : ports);

export const network = block({
  attributes: {
    mode: plainText('Mode'),
    device: plainText('Device'),
    cidr: plainText('CIDR'),
    ip: plainText('IP'),
    mbits: attribute('MBits', 'integer'),
  },
  blocks: { port: list('ports', port), dns: one('DNS', dns) },
  finish: splitPorts,
  unfinish: joinPorts,
});
