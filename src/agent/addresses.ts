/** What the addresses of a configuration mean: this machine alone, all of its addresses, or one of them. */
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

export const isLoopback = (address: string): boolean =>
  address === 'localhost' || address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);

export const isWildcard = (address: string): boolean => address === '0.0.0.0' || address === '::';

/** Every address of this machine, the loopback's too. */
export const machineAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address));

/** The one that others most likely reach it by. */
export function machineAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.find((each) => each.family === 'IPv4' && !each.internal)?.address ?? '127.0.0.1';
}

/** The interfaces of this machine that have an address. */
export const interfaceNames = (): string[] => Object.keys(networkInterfaces());

/** The address of one of them that others reach it by. */
export function interfaceAddress(name: string): string | undefined {
  const infos = networkInterfaces()[name] ?? [];
  return (infos.find((each) => each.family === 'IPv4') ?? infos.find((each) => !each.address.startsWith('fe80')))
    ?.address;
}

/** "10.0.0.1:4646" → "10.0.0.1", "[::1]:4646" → "::1". */
export const hostOf = (address: string): string => address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');

/** As it stands in a URL. */
export const urlHost = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/**
 * The address that tasks' ports are offered on: the one that the agent listens on; where it listens on all of them, the
 * advertised one; never a name, since a task listens on what it is told.
 */
export function taskAddress(listensOn: string, advertised: string): string {
  if (isWildcard(listensOn)) return isAddress(hostOf(advertised)) ? hostOf(advertised) : machineAddress();
  if (isAddress(listensOn) && listensOn !== '::1') return listensOn;
  return isLoopback(listensOn) ? '127.0.0.1' : machineAddress();
}

const isAddress = (text: string): boolean => isIP(text) !== 0;
