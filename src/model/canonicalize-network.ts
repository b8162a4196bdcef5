/** Networks and ports as a client sends them, made canonical. */
import type { Network, Port } from './network.ts';
import type { RequestFields } from './request-fields.ts';

const DEFAULT_HOST_NETWORK = 'default';

export function readNetwork(fields: RequestFields): Network {
  return {
    Mode: fields.text('Mode'),
    Device: fields.text('Device'),
    CIDR: fields.text('CIDR'),
    IP: fields.text('IP'),
    MBits: fields.integer('MBits'),
    DNS: readDns(fields.object('DNS')),
    ReservedPorts: fields.list('ReservedPorts', readPort),
    DynamicPorts: fields.list('DynamicPorts', readPort),
  };
}

function readPort(fields: RequestFields): Port {
  return {
    Label: fields.text('Label'),
    Value: fields.integer('Value'),
    To: fields.integer('To'),
    HostNetwork: fields.text('HostNetwork') || DEFAULT_HOST_NETWORK,
  };
}

function readDns(fields: RequestFields | undefined): unknown {
  if (!fields) return null;
  return { Servers: fields.texts('Servers'), Searches: fields.texts('Searches'), Options: fields.texts('Options') };
}
