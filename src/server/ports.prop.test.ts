/**
 * No port is given twice: whatever is submitted, stopped, drained, reported and registered in any order, no two
 * allocations of a node that have not ended hold one port (a successor that waits for its predecessor holds its port in
 * turn), and none is given a port that the node keeps for itself.
 */
import fc from 'fast-check';
import { it } from 'vitest';
import { invariant } from '../lib/assert.ts';
import { settle } from '../lib/virtual-clock.ts';
import { type Allocation, type AllocUpdate, isClientTerminal } from '../model/allocation.ts';
import type { Job } from '../model/job.ts';
import type { Node } from '../model/node.ts';
import { dynamicPort, newGroup, newJob, newNode, newTask, newUpdate, staticPort } from '../scheduler/fixtures.ts';
import { dynamicPortsOf, reservedPorts } from '../scheduler/place/ports.ts';
import { drain } from './drain-rig.ts';
import { read, type TestState, testState } from './fixtures.ts';
import { Server } from './server.ts';

const NODES = 2;
const FIRST = 20_000;
/** Few, so that they run out and are given again. */
const LAST = 20_005;

type Step =
  | {
      readonly kind: 'submit';
      readonly job: number;
      readonly count: number;
      readonly port: number;
      readonly env: number;
    }
  | { readonly kind: 'stop'; readonly job: number }
  | { readonly kind: 'report'; readonly how: 'run' | 'end' | 'fail'; readonly pick: number }
  | { readonly kind: 'register'; readonly node: number; readonly keeps: string }
  | { readonly kind: 'drain'; readonly node: number; readonly ends: boolean }
  | { readonly kind: 'wait'; readonly seconds: number };

const small = fc.nat({ max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('submit' as const),
    job: small,
    count: fc.nat({ max: 4 }),
    /** 0 to 3: a dynamic one; above: a static one, some of them of the dynamic ones. */
    port: fc.nat({ max: 7 }),
    env: small,
  }),
  fc.record({ kind: fc.constant('stop' as const), job: small }),
  fc.record({ kind: fc.constant('report' as const), how: fc.constantFrom('run', 'end', 'fail'), pick: fc.nat() }),
  fc.record({ kind: fc.constant('report' as const), how: fc.constantFrom('run', 'end', 'fail'), pick: fc.nat() }),
  fc.record({
    kind: fc.constant('register' as const),
    node: fc.nat({ max: NODES - 1 }),
    keeps: fc.constantFrom('', '20001', '20002-20004'),
  }),
  fc.record({ kind: fc.constant('drain' as const), node: fc.nat({ max: NODES - 1 }), ends: fc.boolean() }),
  fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 60 }) }),
);

const nodeOf = (number: number, keeps: string): Node => {
  const node = newNode(number);
  return {
    ...node,
    NodeResources: { ...node.NodeResources, MinDynamicPort: FIRST, MaxDynamicPort: LAST },
    ReservedResources: { ...node.ReservedResources, Networks: { ReservedHostPorts: keeps } },
  };
};

const jobWith = (job: number, count: number, port: number, env: number): Job =>
  newJob({
    ID: `job-${job}`,
    TaskGroups: [
      newGroup({
        Count: count,
        Networks: port < 4 ? dynamicPort() : staticPort(FIRST + port - 4),
        Update: newUpdate({ MaxParallel: 2 }),
        Tasks: [newTask({ Env: { VERSION: String(env) } })],
      }),
    ],
  });

interface World extends TestState {
  readonly server: Server;
  readonly seen: Set<string>;
}

async function take(world: World, step: Step): Promise<void> {
  const { server, clock } = world;
  switch (step.kind) {
    case 'submit':
      await server.registerJob({ Job: jobWith(step.job, step.count, step.port, step.env) });
      return;
    case 'stop':
      await server.deregisterJob('default', `job-${step.job}`, { purge: false }).catch(() => undefined);
      return;
    case 'report':
      return report(world, step.how, step.pick);
    case 'register':
      await server.registerNode(nodeOf(step.node, step.keeps));
      return;
    case 'drain': {
      const request = drain(step.ends ? { spec: null, markEligible: true } : {});
      await server.drainNode(nodeOf(step.node, '').ID, request).catch(() => undefined);
      return;
    }
    default:
      return clock.advance(step.seconds * 1_000);
  }
}

/** A node says how one of its allocations is. */
async function report({ server, ...world }: World, how: 'run' | 'end' | 'fail', pick: number): Promise<void> {
  const live = liveAllocs(world);
  const alloc = live[pick % Math.max(1, live.length)];
  if (alloc === undefined) return;
  const ended = how === 'fail' ? 'failed' : alloc.DesiredStatus === 'run' ? 'running' : 'complete';
  const update: AllocUpdate = {
    ID: alloc.ID,
    ClientStatus: how === 'run' ? 'running' : ended,
    ClientDescription: '',
    TaskStates: null,
    ...(how === 'run' && { Healthy: { Healthy: true, TimestampMs: world.clock.nowMs() } }),
  };
  await server.updateAllocs(alloc.NodeID, [update]);
}

const liveAllocs = (world: TestState): readonly Allocation[] =>
  read(world, (tx) => [...tx.allocs()].filter((alloc) => !isClientTerminal(alloc)));

function check(world: World): void {
  const holders = new Map<string, Allocation>();
  for (const alloc of liveAllocs(world)) {
    const node = read(world, (tx) => tx.node(alloc.NodeID))!;
    for (const { Value } of alloc.Ports) {
      const key = `${alloc.NodeID}:${Value}`;
      const other = holders.get(key);
      invariant(other === undefined || inTurn(alloc, other) || inTurn(other, alloc), `${key} has two holders`);
      if (other === undefined || inTurn(other, alloc)) holders.set(key, alloc);
      if (!world.seen.has(alloc.ID)) checkGiven(node, Value);
    }
    world.seen.add(alloc.ID);
  }
}

/** The first is begun only once the second has ended. */
const inTurn = (waiting: Allocation, before: Allocation): boolean =>
  waiting.AwaitsPrevious === true && waiting.PreviousAllocation === before.ID;

function checkGiven(node: Node, port: number): void {
  const { first, last } = dynamicPortsOf(node);
  invariant(port >= first && port <= last, `${port} is not one of the node's`);
  invariant(!reservedPorts(node).has(port), `${port} is kept by the node`);
}

it('no port of a node is held twice, and none that the node keeps is given', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const state = await testState();
      const world: World = { ...state, server: new Server({ ...state, breathe: async () => {} }), seen: new Set() };
      const end = new AbortController();
      const ended = world.server.run(end.signal);
      for (let at = 0; at < NODES; at++) await world.server.registerNode(nodeOf(at, ''));
      for (const each of steps) {
        await take(world, each);
        await settle();
        check(world);
      }
      end.abort();
      await ended;
    }),
    { numRuns: 40 },
  );
});
