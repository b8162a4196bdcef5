import { describe, expect, it } from 'vitest';
import { silentLog } from '../lib/log.ts';
import { VirtualClock } from '../lib/virtual-clock.ts';
import type { AllocUpdate } from '../model/allocation.ts';
import { UpdateSender } from './update-sender.ts';

function lab() {
  const clock = new VirtualClock();
  const leave = new AbortController();
  const sent: string[][] = [];
  const facts = new Map<string, string>();
  const server = { isUp: true };
  const sender = new UpdateSender({
    build: (ID) =>
      ({ ID, ClientStatus: 'running', ClientDescription: facts.get(ID) ?? '', TaskStates: null }) satisfies AllocUpdate,
    send: async (updates) => {
      if (!server.isUp) throw new Error('down');
      sent.push(updates.map((update) => `${update.ID}${update.ClientDescription}`));
    },
    acknowledged: () => {},
    clock,
    random: { next: () => 0 },
    log: silentLog,
  });
  const run = sender.run(leave.signal);
  const stop = () => {
    leave.abort();
    return run;
  };
  return { clock, sender, sent, facts, server, stop };
}

describe('update sender', () => {
  it('puts what comes together into one report', async () => {
    const { clock, sender, sent, stop } = lab();
    for (const id of ['a', 'b', 'a', 'c']) sender.mark(id);
    await clock.advance(20);
    expect(sent).toEqual([['a', 'b', 'c']]);
    await stop();
  });

  it('says again, as it is then, what the server did not hear', async () => {
    const { clock, sender, sent, facts, server, stop } = lab();
    server.isUp = false;
    facts.set('a', '=old');
    sender.mark('a');
    await clock.advance(1_000);
    facts.set('a', '=new');
    server.isUp = true;
    await clock.advance(3_000);
    expect(sent).toEqual([['a=new']]);
    await stop();
  });
});
