/** Addresses and networks as people write them: "10.0.0.5", "10.1.0.0/16", "fd00::/8". */
import { isIP } from 'node:net';

/** Whether it is an address or a network. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** "10.1.40.0/24 10.1.55.43", with blanks or commas between. */
export const networksIn = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);
