/** Who is heard from, and what becomes of whoever is not. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { timestampOf } from '../model/nanos.ts';
import { NOW_MS, newAlloc, newJob, newNode } from '../scheduler/fixtures.ts';
import { put, type Running, read, runLoop, type TestState, testState } from './fixtures.ts';
import { Heartbeats } from './heartbeats.ts';
import { withEvent } from './node-events.ts';

const job = newJob();
const other = newJob({ ID: 'other' });
const NODE = newNode(0).ID;

let world: TestState;
let heartbeats: Heartbeats;
let running: Running | undefined;
beforeEach(async () => {
  world = await testState();
  await put(world.state, { jobs: [job, other], nodes: [newNode(0)] });
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  expect(world.clock.nextMs(), 'no timer is left behind').toBeUndefined();
});

async function start(): Promise<void> {
  heartbeats = new Heartbeats(world);
  running = await runLoop(world.state, heartbeats);
}
const node = (id = NODE) => read(world, (tx) => tx.node(id));
const evaluations = () => read(world, (tx) => [...tx.evaluations()]);

describe('a node', () => {
  it('that is silent for its time and the grace is down, and says why', async () => {
    await start();
    heartbeats.renew(NODE);
    await world.clock.advance(19_999);
    expect(node()?.Status).toBe('ready');
    await world.clock.advance(1);
    expect(node()).toMatchObject({
      Status: 'down',
      StatusUpdatedAt: (NOW_MS + 20_000) / 1000,
      Events: [{ Message: 'Node heartbeat missed', Subsystem: 'Cluster', Timestamp: timestampOf(NOW_MS + 20_000) }],
    });
  });

  it('that is down has every job evaluated that has instances there, each once, in the same transaction', async () => {
    const rows = [newAlloc(job, 0), newAlloc(job, 1), newAlloc(other, 0, { ID: 'o' })];
    const ended = newAlloc(newJob({ ID: 'done' }), 0, { ID: 'done', ClientStatus: 'complete' });
    const orphan = newAlloc(newJob({ ID: 'purged' }), 0, { ID: 'orphan' });
    await put(world.state, { allocs: [...rows, ended, orphan] });
    await start();
    await world.clock.advance(20_000);
    expect(
      evaluations()
        .map((evaluation) => evaluation.JobID)
        .sort(),
    ).toEqual(['other', 'web']);
    expect(evaluations()[0]).toMatchObject({
      TriggeredBy: 'node-update',
      NodeID: NODE,
      CreateIndex: node()?.ModifyIndex,
    });
  });

  it('that is heard from in time stays ready', async () => {
    await start();
    for (let at = 0; at < 10; at++) {
      await world.clock.advance(15_000);
      heartbeats.renew(NODE);
    }
    expect(node()?.Status).toBe('ready');
    await world.clock.advance(20_000);
    expect(node()?.Status).toBe('down');
  });

  it('gets its whole time after a start: it was the server that was away', async () => {
    await world.clock.advance(3_600_000);
    await start();
    await world.clock.advance(19_999);
    expect(node()?.Status).toBe('ready');
  });

  it('that was down at the start stays so, without a word', async () => {
    await put(world.state, { nodes: [newNode(0, { Status: 'down' })] });
    await start();
    const { index } = world.state;
    await world.clock.advance(60_000);
    expect(world.state.index).toBe(index);
  });

  it('that was purged is not waited for, and is not brought back', async () => {
    await start();
    heartbeats.forget(NODE);
    expect(world.clock.nextMs()).toBeUndefined();
    heartbeats.renew(NODE);
    await world.state.update((tx) => tx.deleteNode(NODE));
    await world.clock.advance(20_000);
    expect(node()).toBeUndefined();
  });
});

describe('the end', () => {
  it('waits until what was noticed is written', async () => {
    await start();
    world.clock.runNext();
    await running!.stop();
    running = undefined;
    expect(node()?.Status).toBe('down');
    expect(world.state.durableIndex).toBe(world.state.index);
  });
});

describe('the events of a node', () => {
  it('are the ten newest', () => {
    let row = newNode(0);
    for (let at = 0; at < 12; at++) row = { ...row, Events: withEvent(row, `event ${at}`, NOW_MS) };
    expect(row.Events?.map((event) => event.Message)).toEqual(Array.from({ length: 10 }, (_, at) => `event ${at + 2}`));
  });
});
