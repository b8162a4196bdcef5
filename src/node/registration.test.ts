import { expect, it } from 'vitest';
import { silentLog } from '../lib/log.ts';
import { VirtualClock } from '../lib/virtual-clock.ts';
import type { Node } from '../model/node.ts';
import { Registration } from './registration.ts';

/** What is said when the server's clock is off by these, one heartbeat after the other. */
async function saidFor(offsMs: (number | undefined)[]): Promise<string[]> {
  const clock = new VirtualClock();
  const said: string[] = [];
  const note = (_data: object, message: string) => void said.push(message);
  const answer = async () => {
    const offMs = offsMs.length > 1 ? offsMs.shift() : offsMs[0];
    return { HeartbeatTTLMs: 10_000, Known: true, ...(offMs !== undefined && { NowMs: clock.nowMs() + offMs }) };
  };
  const registration = new Registration({
    nodeId: 'n',
    connection: {
      register: answer,
      heartbeat: answer,
      watchAllocs: () => Promise.reject(),
      updateAllocs: async () => {},
    },
    describe: async () => ({}) as Node,
    clock,
    random: { next: () => 0 },
    log: { ...silentLog, warn: note, info: note },
  });
  const stop = new AbortController();
  const run = registration.run(stop.signal);
  await clock.advance(60_000);
  stop.abort();
  await run;
  return said;
}

it('says once that the clocks differ, by how much and which way, and once that they agree again', async () => {
  expect(await saidFor([93_000, 93_500, 94_000, 100])).toEqual([
    "this machine's clock is 93 s behind the server's; set it right",
    "this machine's clock agrees with the server's again",
  ]);
  expect(await saidFor([-3_600_000])).toEqual(["this machine's clock is 3600 s ahead of the server's; set it right"]);
});

it('says nothing of what a slow answer explains, or where the server does not say', async () => {
  expect(await saidFor([4_000, -4_000, 0])).toEqual([]);
  expect(await saidFor([undefined])).toEqual([]);
});
