/** `node drain` and `node eligibility` from their words to what the agent is asked. */
import { afterEach, describe, expect, it } from 'vitest';
import { type FakeAgent, type Routes, startFakeAgent } from './testing/fake-agent.ts';
import { type RunOptions, runWords } from './testing/run-words.ts';

const NOW = Date.parse('2026-11-20T16:15:52Z');
const NODE = '54fc21e4-0000-0000-0000-000000000000';
const DRAIN = `PUT /v1/node/${NODE}/drain`;
const written = { text: JSON.stringify({ EvalIDs: null, EvalCreateIndex: 0, NodeModifyIndex: 9, Index: 9 }), index: 9 };
const stub = { text: JSON.stringify([{ ID: NODE, Name: 'one', Status: 'ready' }]), index: 1 };

let agent: FakeAgent | undefined;
afterEach(async () => {
  await agent?.close();
  agent = undefined;
});

async function run(words: readonly string[], routes: Routes = {}, options: RunOptions = {}) {
  agent = await startFakeAgent({ 'GET /v1/nodes': stub, [DRAIN]: written, ...routes });
  return runWords(words, { address: agent.address, nowMs: NOW, ...options });
}

const HOUR = 3_600_000_000_000;

describe('node drain', () => {
  it.each<[string, readonly string[], unknown]>([
    ['an hour', [], { Deadline: HOUR, IgnoreSystemJobs: false }],
    ['another deadline', ['-deadline', '90s'], { Deadline: 90_000_000_000, IgnoreSystemJobs: false }],
    ['at once', ['-force'], { Deadline: -1, IgnoreSystemJobs: false }],
    ['none', ['-no-deadline', '-ignore-system'], { Deadline: 0, IgnoreSystemJobs: true }],
  ])('begins with a deadline of %s', async (_, flags, DrainSpec) => {
    const ran = await run(['node', 'drain', '-enable', '-detach', '-yes', ...flags, '54fc']);
    expect(ran).toEqual({ status: 0, out: `Node "${NODE}" drain strategy set\n`, err: '' });
    expect(agent!.bodies.get(DRAIN)).toEqual({ NodeID: NODE, DrainSpec, MarkEligible: false, Meta: null });
  });

  it('keeps why', async () => {
    await run(['node', 'drain', '-enable', '-detach', '-m', 'new disk', '-meta', 'who=me', '-meta', 'x', NODE]);
    expect(agent!.bodies.get(DRAIN)).toMatchObject({ Meta: { message: 'new disk', who: 'me', x: '' } });
  });

  it.each<[string, readonly string[], object]>([
    ['opens the node again', [], { MarkEligible: true, Meta: null }],
    [
      'leaves it closed',
      ['-keep-ineligible', '-m', 'later'],
      { MarkEligible: false, Meta: { cancel_message: 'later' } },
    ],
  ])('ends, and %s', async (_, flags, body) => {
    const ran = await run(['node', 'drain', '-disable', ...flags, NODE]);
    expect(ran.out).toBe(`Node "${NODE}" no longer drains\n`);
    expect(agent!.bodies.get(DRAIN)).toEqual({ NodeID: NODE, DrainSpec: null, ...body });
  });

  it('watches until the node is empty', async () => {
    const LastDrain = { Status: 'complete' };
    const ran = await run(['node', 'drain', '-enable', '-yes', NODE], {
      [`GET /v1/node/${NODE}`]: { text: JSON.stringify({ ID: NODE, DrainStrategy: null, LastDrain }), index: 9 },
      [`GET /v1/node/${NODE}/allocations`]: { text: '[]', index: 9 },
    });
    const at = '2026-11-20T16:15:52Z';
    expect(ran.out).toBe(`${at}: Ctrl-C to stop monitoring: will not cancel the node drain
${at}: Node "${NODE}" drain strategy set
${at}: Drain complete for node ${NODE}
${at}: All allocations on node "${NODE}" have stopped
`);
  });

  it('has nothing to watch where nothing drains', async () => {
    const ran = await run(['node', 'drain', '-monitor', NODE], {
      [`GET /v1/node/${NODE}`]: { text: JSON.stringify({ ID: NODE, DrainStrategy: null, LastDrain: null }), index: 9 },
    });
    expect(ran).toMatchObject({ status: 0, out: `Node "${NODE}" does not drain\n` });
  });

  it('needs a node that is named in full where nobody can be asked', async () => {
    const ran = await run(['node', 'drain', '-enable', '54fc']);
    expect(ran).toMatchObject({ status: 1, err: expect.stringContaining('give its whole id or -yes') });
    expect(agent!.bodies.has(DRAIN)).toBe(false);
  });

  it.each([
    [['-enable', '-disable', NODE], 'one of -enable, -disable and -monitor'],
    [[NODE], 'one of -enable, -disable and -monitor'],
    [['-enable', '-force', '-deadline', '1m', NODE], 'one of -deadline, -force and -no-deadline'],
    [['-enable', '-deadline', 'soon', NODE], 'not "soon"'],
    [['-enable', '-deadline', '0', NODE], 'positive duration'],
    [['-disable', '-force', NODE], 'go with -enable'],
    [['-enable', '-keep-ineligible', NODE], 'goes with -disable'],
    [['-enable'], '-self'],
    [['-enable', '-self', NODE], 'not both'],
  ])('refuses %s', async (flags, words) => {
    const ran = await run(['node', 'drain', ...flags]);
    expect(ran).toMatchObject({ status: 1, err: expect.stringContaining(words) });
    expect(agent!.bodies.has(DRAIN)).toBe(false);
  });
});

describe('node eligibility', () => {
  const PATH = `PUT /v1/node/${NODE}/eligibility`;

  it.each([
    ['-enable', 'eligible'],
    ['-disable', 'ineligible'],
  ])('%s makes a node %s', async (flag, Eligibility) => {
    const ran = await run(['node', 'eligibility', flag, '54fc'], { [PATH]: written });
    expect(ran.out).toBe(`Node "${NODE}" scheduling eligibility set: ${Eligibility} for scheduling\n`);
    expect(agent!.bodies.get(PATH)).toEqual({ NodeID: NODE, Eligibility });
  });

  it('asks for one of the two', async () => {
    expect(await run(['node', 'eligibility', NODE])).toMatchObject({
      status: 1,
      err: expect.stringContaining('-disable'),
    });
  });
});
