import type { NetworkInterfaceInfo } from 'node:os';
import { expect, it } from 'vitest';
import { networksOf } from './fingerprint-network.ts';

const info = (address: string, mac = '00:00:00:00:00:00'): NetworkInterfaceInfo =>
  ({ address, netmask: '', mac, internal: false, cidr: null, family: 'IPv4' }) as NetworkInterfaceInfo;

const interfaces = {
  lo: [info('127.0.0.1'), info('::1')],
  eth0: [info('10.0.0.5', '02:42:0a:00:00:05'), info('10.0.0.6'), info('2001:db8::5'), info('fe80::1')],
};
const speed = (device: string) => (device === 'eth0' ? 10_000 : 1_000);

it('lists the addresses of the interface that has the asked one, that one first', () => {
  const { Networks, NodeNetworks } = networksOf('10.0.0.6', interfaces, speed);
  expect(Networks.map(({ Device, IP, CIDR, MBits }) => [Device, IP, CIDR, MBits])).toEqual([
    ['eth0', '10.0.0.6', '10.0.0.6/32', 10_000],
    ['eth0', '10.0.0.5', '10.0.0.5/32', 10_000],
    ['eth0', '2001:db8::5', '2001:db8::5/128', 10_000],
  ]);
  expect(NodeNetworks).toMatchObject([
    {
      Mode: 'host',
      Device: 'eth0',
      MacAddress: '02:42:0a:00:00:05',
      Speed: 10_000,
      Addresses: [{ Family: 'ipv4', Alias: 'default' }, { Family: 'ipv4' }, { Family: 'ipv6' }],
    },
  ]);
});

it('says of the loopback what the field says of it', () => {
  const { Networks, NodeNetworks } = networksOf('127.0.0.1', interfaces, speed);
  expect(Networks.map(({ CIDR }) => CIDR)).toEqual(['127.0.0.1/32', '::1/128']);
  expect(NodeNetworks[0]?.MacAddress).toBe('');
});

it('goes on with an address that no interface has, or where nobody may look', () => {
  expect(networksOf('10.9.9.9', interfaces, speed).Networks).toMatchObject([{ Device: '', IP: '10.9.9.9' }]);
  expect(networksOf('10.9.9.9', {}, speed).Networks).toHaveLength(1);
});
