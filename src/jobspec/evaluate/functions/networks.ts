/** Functions on IPv4 address ranges ("10.0.0.0/8"). */
import { fail, integer, text } from '../arguments.ts';
import { define, type PureFunction } from '../function-table.ts';

export const networkFunctions: Readonly<Record<string, PureFunction>> = {
  cidrhost: define('prefix, host', (args) => host(readPrefix(text(args, 0)), integer(args, 1))),
  cidrnetmask: define('prefix', (args) => address(maskOf(readPrefix(text(args, 0)).bits))),
  cidrsubnet: define('prefix, new bits, number', (args) => {
    const subnet = subnetOf(readPrefix(text(args, 0)), integer(args, 1), integer(args, 2));
    return `${address(subnet.base)}/${subnet.bits}`;
  }),
};

interface Prefix {
  /** The first address, as a number. */
  readonly base: number;
  readonly bits: number;
}

const PREFIX = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/;

function readPrefix(value: string): Prefix {
  const match = PREFIX.exec(value)?.slice(1).map(Number);
  if (!match || match.slice(0, 4).some((each) => each > 255) || match[4]! > 32) {
    return fail(0, `"${value}" is no IPv4 range such as "10.0.0.0/8"`);
  }
  const whole = match.slice(0, 4).reduce((sum, each) => sum * 256 + each, 0);
  const bits = match[4]!;
  return { base: whole - (whole % sizeOf(bits)), bits };
}

const sizeOf = (bits: number): number => 2 ** (32 - bits);
const maskOf = (bits: number): number => 2 ** 32 - sizeOf(bits);

function host({ base, bits }: Prefix, number: number): string {
  const size = sizeOf(bits);
  if (number >= size || number < -size) return fail(1, `the range has only ${size} addresses`);
  return address(base + (number < 0 ? size + number : number));
}

function subnetOf({ base, bits }: Prefix, newBits: number, number: number): Prefix {
  if (newBits < 0 || bits + newBits > 32) return fail(1, `only ${32 - bits} bits are left`);
  if (number < 0 || number >= 2 ** newBits) return fail(2, `${newBits} bits number only ${2 ** newBits} subnets`);
  return { base: base + number * sizeOf(bits + newBits), bits: bits + newBits };
}

const address = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
