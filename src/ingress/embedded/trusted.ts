/** The addresses of load balancers in front: theirs is the word about who the client is. */
import { BlockList, isIP } from 'node:net';
import { isNetwork } from '../../lib/networks.ts';

export type IsTrusted = (address: string) => boolean;

/** `networks`: addresses, and networks as "10.0.0.0/8". What cannot be read is refused with its text. */
export function trustedBy(networks: readonly string[]): IsTrusted {
  if (networks.length === 0) return () => false;
  const list = new BlockList();
  for (const network of networks) add(list, network);
  return (address) => isIP(address) !== 0 && list.check(address, familyOf(address));
}

function add(list: BlockList, network: string): void {
  if (!isNetwork(network)) throw new Error(`not an address or a network: ${JSON.stringify(network)}`);
  const [address = '', bits] = network.split('/');
  if (bits === undefined) list.addAddress(address, familyOf(address));
  else list.addSubnet(address, Number(bits), familyOf(address));
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');
