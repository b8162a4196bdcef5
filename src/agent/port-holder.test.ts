import { expect, it } from 'vitest';
import { listeners } from './port-holder.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1226 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0 100 0 0 10 0
   1: 0200007F:1226 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 222 1 0 100 0 0 10 0
   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1 0 100 0 0 10 0
   3: 00000000000000000000000001000000:1226 00000000000000000000000000000000:0000 0A 0:0 0:0 0     0        0 444 1
`;

it('reads who listens, and not who is connected', () => {
  expect(listeners(TABLE)).toEqual([
    { address: '127.0.0.1', port: 4646, inode: '111' },
    { address: '0.0.0.0', port: 22, inode: '333' },
    { address: 'IPv6', port: 4646, inode: '444' },
  ]);
});
