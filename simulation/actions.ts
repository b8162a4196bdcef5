/** What happens to a world at random moments: people's doings, and faults. */
import { randomInt } from '../src/lib/random.ts';
import { isClientTerminal } from '../src/model/allocation.ts';
import { DEFAULT_NAMESPACE } from '../src/model/job.ts';
import type { SimNode } from './sim-node.ts';
import { drawCount, JOB_ID, oneOf, redrawUpdates } from './spec.ts';
import type { Story } from './story.ts';

interface Action {
  readonly name: string;
  /** How often it is taken, relative to the others. */
  readonly weight: number;
  readonly act: (story: Story) => Promise<void> | void;
}

/** A node is given up after 20 s: some partitions are shorter, some longer. */
const LONGEST_PARTITION_MS = 40_000;

/** What happens to machines, ingresses and the server, whatever runs there. */
const FAULTS: readonly Action[] = [
  { name: 'an instance fails', weight: 5, act: failInstance },
  { name: 'node loss', weight: 4, act: nodeLoss },
  { name: 'node joins', weight: 4, act: nodeJoins },
  { name: 'node partition', weight: 6, act: nodePartition },
  { name: 'eligibility', weight: 3, act: eligibility },
  { name: 'drain', weight: 7, act: drain },
  { name: 'end a drain', weight: 4, act: endDrain },
  { name: 'ingress partition', weight: 7, act: ingressPartition },
  { name: 'crash', weight: 6, act: crash },
  { name: 'crash in a write', weight: 8, act: crashInWrite },
];

const ACTIONS: readonly Action[] = [
  { name: 'new version', weight: 14, act: newVersion },
  { name: 'bad version', weight: 10, act: badVersion },
  { name: 'scale', weight: 6, act: (story) => story.scale(someGroup(story), drawCount(story.random)) },
  { name: 'new count in the file', weight: 5, act: newCount },
  { name: 'promote', weight: 16, act: (story) => withDeployment(story, (deployment) => story.promote(deployment)) },
  { name: 'promote a group', weight: 4, act: promoteGroup },
  { name: 'fail', weight: 4, act: (story) => withDeployment(story, (deployment) => story.fail(deployment)) },
  { name: 'pause', weight: 6, act: (story) => withDeployment(story, (deployment) => story.pause(deployment)) },
  { name: 'resume', weight: 8, act: (story) => withDeployment(story, (deployment) => story.resume(deployment)) },
  { name: 'revert', weight: 6, act: revert },
  { name: 'judge by hand', weight: 6, act: judgeByHand },
  { name: 'stop an alloc', weight: 4, act: stopAlloc },
  { name: 'stop the job', weight: 2, act: (story) => story.stop() },
  ...FAULTS,
];
/** Each action as often as it weighs. */
const drawerOf = (actions: readonly Action[]): Action[] =>
  actions.flatMap((action) => Array.from({ length: action.weight }, () => action));
const DRAWER = drawerOf(ACTIONS);
const FAULT_DRAWER = drawerOf(FAULTS);

/** Something happens; nothing, where the server is down and is needed for it. */
export async function act(story: Story): Promise<void> {
  const action = DRAWER[randomInt(story.random, DRAWER.length)];
  const isPaused = story.world.isUp && story.deployment?.Status === 'paused';
  // Who pauses resumes sooner or later.
  if (isPaused && randomInt(story.random, 3) === 0)
    await withDeployment(story, (deployment) => story.resume(deployment));
  else if (action && story.world.isUp) await action.act(story);
}

/** As `act`, of the faults alone. */
export async function strike(story: Story): Promise<void> {
  await oneOf(story.random, FAULT_DRAWER).act(story);
}

async function newVersion(story: Story): Promise<void> {
  if (randomInt(story.random, 3) === 0) story.spec = redrawUpdates(story.random, story.spec);
  await story.submit(oneOf(story.random, ['healthy', 'healthy', 'healthy', 'slow']));
}

async function badVersion(story: Story): Promise<void> {
  await story.submit(oneOf(story.random, ['never-healthy', 'fails', 'flapping']));
}

async function newCount(story: Story): Promise<void> {
  await story.submitCount(someGroup(story), drawCount(story.random));
}

async function promoteGroup(story: Story): Promise<void> {
  await withDeployment(story, (deployment) => story.promote(deployment, [someGroup(story)]));
}

async function revert(story: Story): Promise<void> {
  const versions = story.world.view((tx) => tx.jobVersions(DEFAULT_NAMESPACE, JOB_ID));
  if (versions.length > 0) await story.revert(oneOf(story.random, versions).Version);
}

async function judgeByHand(story: Story): Promise<void> {
  await withDeployment(story, async (deployment) => {
    const allocs = story.world
      .view((tx) => tx.allocsByDeployment(deployment.ID))
      .filter((alloc) => !isClientTerminal(alloc));
    if (allocs.length === 0) return;
    const open = story.unjudged(deployment);
    const which = open.length > 0 && randomInt(story.random, 2) === 0 ? open : [oneOf(story.random, allocs).ID];
    await story.judgeByHand(deployment, randomInt(story.random, 4) > 0, which);
  });
}

async function stopAlloc(story: Story): Promise<void> {
  const allocs = story.world
    .view((tx) => tx.allocsByJob(DEFAULT_NAMESPACE, JOB_ID))
    .filter((alloc) => !isClientTerminal(alloc) && story.world.view((tx) => tx.node(alloc.NodeID)?.Drain !== true));
  if (allocs.length > 0) await story.stopAlloc(oneOf(story.random, allocs).ID);
}

function failInstance(story: Story): void {
  const running = story.world.nodes.filter((node) => !node.isDead).flatMap((node) => node.running());
  if (running.length === 0) return;
  const runner = oneOf(story.random, running);
  story.say(`instance ${runner.alloc.ID.slice(0, 8)} fails`);
  runner.fail();
}

function nodeLoss(story: Story): void {
  const node = someNode(story);
  if (!node || story.world.nodes.filter((each) => !each.isDead).length < 2) return;
  story.say(`node ${node.id.slice(0, 8)} dies`);
  node.die();
}

async function nodeJoins(story: Story): Promise<void> {
  story.say('a node joins');
  await story.world.addNode().catch(() => {});
}

function nodePartition(story: Story): void {
  const node = someNode(story);
  if (!node) return;
  const forMs = 1000 + randomInt(story.random, LONGEST_PARTITION_MS);
  story.say(`node ${node.id.slice(0, 8)} is cut off for ${forMs} ms`);
  node.isPartitioned = true;
  story.world.clock.after(forMs, () => {
    node.isPartitioned = false;
  });
}

async function eligibility(story: Story): Promise<void> {
  const node = someNode(story);
  if (node) await story.setEligibility(node.id, oneOf(story.random, ['eligible', 'eligible', 'ineligible']));
}

async function drain(story: Story): Promise<void> {
  const node = someNode(story);
  if (node) await story.drain(node.id, oneOf(story.random, [60, 60, 60, 0, 15, -1]));
}

async function endDrain(story: Story): Promise<void> {
  const draining = story.world.view((tx) => tx.nodes().filter((node) => node.Drain));
  if (draining.length > 0) await story.endDrain(oneOf(story.random, draining).ID);
}

function ingressPartition(story: Story): void {
  const ingress = story.world.ingresses[randomInt(story.random, Math.max(1, story.world.ingresses.length))];
  if (!ingress) return;
  const forMs = 1000 + randomInt(story.random, 30_000);
  story.say(`${ingress.id} is cut off for ${forMs} ms`);
  ingress.isPartitioned = true;
  story.world.clock.after(forMs, () => {
    ingress.isPartitioned = false;
  });
}

async function crash(story: Story): Promise<void> {
  story.say('the server crashes');
  await story.world.crashServer();
  await story.recover();
}

/** Before or after one of the next writes reaches the store: whoever waits for it never hears. */
function crashInWrite(story: Story): void {
  const writes = 1 + randomInt(story.random, 12);
  const moment = oneOf(story.random, ['before', 'after'] as const);
  story.say(`the server crashes ${moment} its write number ${writes} from here`);
  story.world.crashAtWrite(writes, moment, () => story.say('the server crashes'));
}

async function withDeployment(
  story: Story,
  act: (deployment: NonNullable<Story['deployment']>) => Promise<void>,
): Promise<void> {
  const { deployment } = story;
  if (deployment) await act(deployment);
}

const someGroup = (story: Story): string => oneOf(story.random, story.spec.groups).name;

function someNode(story: Story): SimNode | undefined {
  const alive = story.world.nodes.filter((node) => !node.isDead);
  return alive.length > 0 ? oneOf(story.random, alive) : undefined;
}
