import { expect, it } from 'vitest';
import { hostOf, isLoopback, machineAddress, taskAddress } from './addresses.ts';

it.each([
  ['127.0.0.1', '127.0.0.1:4646', '127.0.0.1'],
  ['127.0.0.2', '127.0.0.2:4646', '127.0.0.2'],
  ['10.1.2.3', '10.1.2.3:4646', '10.1.2.3'],
  ['0.0.0.0', '10.9.9.9:4646', '10.9.9.9'],
  ['localhost', 'localhost:4646', '127.0.0.1'],
  ['::1', '[::1]:4646', '127.0.0.1'],
])('an agent on %s that advertises %s offers ports on %s', (listens, advertised, offered) => {
  expect(taskAddress(listens, advertised)).toBe(offered);
});

it('an agent behind a name offers ports on an address', () => {
  expect(taskAddress('0.0.0.0', 'node.example:4646')).toBe(machineAddress());
});

it.each([
  ['127.9.9.9', true],
  ['128.0.0.1', false],
  ['127.0.0.1.example', false],
  ['0.0.0.0', false],
])('%s is loopback: %s', (address, expected) => expect(isLoopback(address)).toBe(expected));

it.each([
  ['[::1]:4646', '::1'],
  ['web.example:80', 'web.example'],
])('the host of %s is %s', (address, host) => expect(hostOf(address)).toBe(host));
