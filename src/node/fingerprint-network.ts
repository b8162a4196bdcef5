/** The network of a node: the interface that its tasks' ports are offered on, with all of its addresses. */
import { readFileSync } from 'node:fs';
import type { NetworkInterfaceInfo } from 'node:os';
import type { NodeNetworkResource } from '../model/node.ts';

export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** Of an interface as `NodeResources.NodeNetworks` lists it. */
export interface NodeNetwork {
  readonly Mode: 'host';
  readonly Device: string;
  readonly MacAddress: string;
  readonly Speed: number;
  readonly Addresses: readonly {
    readonly Family: 'ipv4' | 'ipv6';
    readonly Alias: 'default';
    readonly Address: string;
    readonly ReservedPorts: '';
    readonly Gateway: '';
  }[];
}

export interface Networks {
  readonly Networks: NodeNetworkResource[];
  readonly NodeNetworks: NodeNetwork[];
}

/** Where an interface does not say how fast it is. */
export const DEFAULT_MBITS = 1_000;

/** `address` comes first: it is the one that instances are reached by. */
export function networksOf(address: string, interfaces: Interfaces, speedOf: (device: string) => number): Networks {
  const [device, infos] = deviceOf(address, interfaces);
  const speed = speedOf(device);
  const addresses = [address, ...infos.map((info) => info.address).filter(isOther(address))];
  return {
    Networks: addresses.map((each) => networkResource(device, each, speed)),
    NodeNetworks: [
      {
        Mode: 'host',
        Device: device,
        MacAddress: macOf(infos),
        Speed: speed,
        Addresses: addresses.map((Address) => ({
          Family: isIPv6(Address) ? ('ipv6' as const) : ('ipv4' as const),
          Alias: 'default' as const,
          Address,
          ReservedPorts: '' as const,
          Gateway: '' as const,
        })),
      },
    ],
  };
}

/** The interface that has the address; one that none has belongs to no interface. */
function deviceOf(address: string, interfaces: Interfaces): readonly [string, readonly NetworkInterfaceInfo[]] {
  for (const [device, infos = []] of Object.entries(interfaces)) {
    if (infos.some((info) => info.address === address)) return [device, infos];
  }
  return ['', []];
}

/** Nobody outside its link reaches an address of the link alone. */
const isOther = (address: string) => (each: string) => each !== address && !/^fe[89ab]/i.test(each);

const isIPv6 = (address: string): boolean => address.includes(':');

const macOf = (infos: readonly NetworkInterfaceInfo[]): string => {
  const mac = infos[0]?.mac ?? '';
  return mac === '00:00:00:00:00:00' ? '' : mac;
};

const networkResource = (device: string, address: string, speed: number): NodeNetworkResource => ({
  Mode: 'host',
  Device: device,
  CIDR: `${address}/${isIPv6(address) ? 128 : 32}`,
  IP: address,
  MBits: speed,
  DNS: null,
  ReservedPorts: null,
  DynamicPorts: null,
});

/** In Mbit/s, as the kernel says it; loopback and virtual interfaces do not. */
export function speedOf(device: string): number {
  try {
    const said = Number(readFileSync(`/sys/class/net/${device}/speed`, 'utf8'));
    return said > 0 ? said : DEFAULT_MBITS;
  } catch {
    return DEFAULT_MBITS;
  }
}
