import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../lib/virtual-clock.ts';
import { goldenAlloc, goldenJob, type Reply, seed, type TestApi, testApi } from './fixture.ts';

let api: TestApi;
beforeEach(async () => {
  api = await testApi();
  await seed(api.state);
});
afterEach(() => api.app.close());

const indexOf = (reply: Reply): number => Number(reply.headers['x-nomad-index']);

/** Starts a call and says whether it has been answered. */
function begin(url: string): { answered: () => boolean; reply: Promise<Reply> } {
  let done = false;
  const reply = api.get(url).then((it) => {
    done = true;
    return it;
  });
  return { answered: () => done, reply };
}

async function idle(): Promise<void> {
  for (let i = 0; i < 20; i++) await settle();
}

describe('a blocking query', () => {
  it('answers at once when its index is old', async () => {
    const index = indexOf(await api.get('/v1/job/web'));
    expect((await api.get(`/v1/job/web?index=${index - 1}`)).status).toBe(200);
  });

  it('waits for its own job only, and answers when that changes', async () => {
    const index = indexOf(await api.get('/v1/job/web'));
    const waiting = begin(`/v1/job/web?index=${index}`);
    await api.state.update((tx) => tx.putJob({ ...goldenJob(), ID: 'other', Name: 'other' }));
    await idle();
    expect(waiting.answered()).toBe(false);
    await api.state.update((tx) => tx.touchJob({ ...goldenJob(), Status: 'dead' }));
    const reply = await waiting.reply;
    expect(reply.json()).toMatchObject({ ID: 'web', Status: 'dead' });
    expect(indexOf(reply)).toBeGreaterThan(index);
  });

  it('answers what there is when the wait is over', async () => {
    const index = indexOf(await api.get('/v1/job/web'));
    const waiting = begin(`/v1/job/web?index=${index}&wait=2s`);
    await idle();
    await api.clock.advance(1999);
    await idle();
    expect(waiting.answered()).toBe(false);
    await api.clock.advance(1);
    expect(indexOf(await waiting.reply)).toBe(index);
  });

  it('waits five minutes when it does not say how long, and never more than ten', async () => {
    const index = indexOf(await api.get('/v1/job/web'));
    const [standard, longest] = [begin(`/v1/job/web?index=${index}`), begin(`/v1/job/web?index=${index}&wait=3h`)];
    await idle();
    await api.clock.advance(5 * 60_000);
    await standard.reply;
    expect(longest.answered()).toBe(false);
    await api.clock.advance(5 * 60_000);
    await longest.reply;
  });

  it('on the allocations of a job is not woken by those of another', async () => {
    const index = indexOf(await api.get('/v1/job/web/allocations'));
    const waiting = begin(`/v1/job/web/allocations?index=${index}`);
    await api.state.update((tx) =>
      tx.putAlloc(goldenAlloc({ ID: 'aaaaaaaa-0000-0000-0000-000000000000', JobID: 'other' })),
    );
    await idle();
    expect(waiting.answered()).toBe(false);
    await api.state.update((tx) => tx.putAlloc(goldenAlloc({ ClientStatus: 'failed' })));
    expect((await waiting.reply).json()).toMatchObject([{ ClientStatus: 'failed' }]);
  });

  it('for what does not exist answers when it does', async () => {
    const index = indexOf(await api.get('/v1/job/new'));
    const waiting = begin(`/v1/job/new?index=${index}`);
    await idle();
    expect(waiting.answered()).toBe(false);
    await api.state.update((tx) => tx.putJob({ ...goldenJob(), ID: 'new' }));
    expect((await waiting.reply).status).toBe(200);
  });

  it('is answered when the agent stops', async () => {
    const waiting = begin(`/v1/job/web?index=${api.state.index}`);
    await idle();
    await api.app.close();
    expect((await waiting.reply).status).toBe(200);
  });
});

it('an empty list has the index of its last change, not 0', async () => {
  await api.state.update((tx) => tx.deleteAlloc(goldenAlloc().ID));
  const reply = await api.get('/v1/job/web/allocations');
  expect([reply.body, indexOf(reply)]).toEqual(['[]', api.state.index]);
});

it('nothing is answered before it is durable', async () => {
  const held = await import('../state/storage/memory.ts').then(({ MemoryRecords, openMemoryStorage }) => {
    const records = new MemoryRecords();
    return { records, storage: openMemoryStorage(records) };
  });
  const { State } = await import('../state/state.ts');
  let release = () => {};
  const state = await State.open(held.storage);
  const slow = await testApi({ state });
  held.records.faults = { before: () => new Promise<void>((resolve) => (release = resolve)) };
  const update = state.update((tx) => tx.putJob(goldenJob()));
  let answered = false;
  const reply = slow.get('/v1/job/web').then((it) => {
    answered = true;
    return it;
  });
  await idle();
  expect(answered).toBe(false);
  release();
  expect((await reply).status).toBe(200);
  await update;
  await slow.app.close();
});
