import { expect, it } from 'vitest';
import { listeningSockets } from './listening-sockets.ts';
import { isInTheWay, portProblem } from './port-probe.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   2: 0100007F:1F91 0100007F:0016 01 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
`;
const TABLE_6 = `  sl  local_address                         remote_address                        st tx_queue
   0: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A 00000000:00000000
   1: 00000000000000000000000001000000:01BC 00000000000000000000000000000000:0000 0A 00000000:00000000
   2: 0000000000000000FFFF00000100007F:01BD 00000000000000000000000000000000:0000 0A 00000000:00000000
`;

it('the sockets that listen are read, and no others', () => {
  expect(listeningSockets(TABLE)).toEqual([
    { address: '127.0.0.1', port: 8080 },
    { address: '0.0.0.0', port: 80 },
  ]);
  expect(listeningSockets(TABLE_6)).toEqual([
    { address: '::', port: 443 },
    { address: '::1', port: 444 },
    { address: '127.0.0.1', port: 445 },
  ]);
});

it.each([
  ['127.0.0.1', '127.0.0.1', true],
  ['127.0.0.1', '127.0.0.2', false],
  ['0.0.0.0', '10.0.0.1', true],
  ['10.0.0.1', '0.0.0.0', true],
  ['::', '127.0.0.1', true],
  ['127.0.0.1', '::', true],
  ['::1', '127.0.0.1', false],
  ['::1', '0.0.0.0', false],
])('one at %s is in the way of %s: %j', (address, wanted, isTaken) => {
  expect(isInTheWay({ address, port: 80 }, 80, wanted)).toBe(isTaken);
  expect(isInTheWay({ address, port: 81 }, 80, wanted)).toBe(false);
});

it('an address that this machine has not is named', () => {
  expect(portProblem(4711, '203.0.113.1')).toBe(
    'cannot listen on 203.0.113.1:4711: the address is none of this machine',
  );
});
