/** Where a port of an allocation is opened in a browser: pure. */
import type { AllocatedPort } from '../../src/model/network.ts';

/** A label that says so is https; all else is tried as http, which is what a browser can open. */
export function portUrl({ Label, HostIP, Value }: Pick<AllocatedPort, 'Label' | 'HostIP' | 'Value'>): string {
  const scheme = /https|tls|ssl/i.test(Label) || Value === 443 || Value === 8443 ? 'https' : 'http';
  return `${scheme}://${hostOf(HostIP)}:${Value}`;
}

export const portAddress = ({ HostIP, Value }: Pick<AllocatedPort, 'HostIP' | 'Value'>): string =>
  `${hostOf(HostIP)}:${Value}`;

const hostOf = (address: string): string => (address.includes(':') ? `[${address}]` : address || '127.0.0.1');
