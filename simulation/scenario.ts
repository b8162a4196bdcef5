/**
 * A scenario of rolling updates: a service is deployed, updated and scaled while nodes, ingresses and the server fail,
 * all drawn from the seed; then the faults end, and the world must come to rest in the right place.
 */
import { type Random, randomInt, seededRandom } from '../src/lib/random.ts';
import type { Job, JobRequest } from '../src/model/job.ts';
import { SECOND } from '../src/model/nanos.ts';
import { checkEnd, checkKill, checkRest, checkTransaction, type Violation } from './laws.ts';
import type { Fate } from './sim-node.ts';
import { traceOf } from './trace.ts';
import { type PlantedBug, World } from './world.ts';

export interface ScenarioResult {
  readonly seed: string;
  readonly violations: readonly Violation[];
  readonly steps: number;
  readonly events: readonly string[];
}

export interface ScenarioOptions {
  /** Tell every change on the way. */
  readonly trace?: boolean;
  readonly plantedBug?: PlantedBug;
}

const STORM_MS = 90_000;
const CALM_MS = 600_000;
/** How often a world that calms down is looked at; one that is at rest needs no more time. */
const LOOK_EVERY_MS = 20_000;
const MAX_STEPS = 200_000;

/** Runs one seed to its end or to its first violation. */
export async function runScenario(seed: string, options: ScenarioOptions = {}): Promise<ScenarioResult> {
  const random = seededRandom(`${seed} scenario`);
  const violations: Violation[] = [];
  const events: string[] = [];
  const world: World = new World({
    seed,
    nodes: 2 + randomInt(random, 4),
    ingresses: randomInt(random, 3),
    plantedBug: options.plantedBug,
    onCommit: (at, transaction) => {
      if (options.trace) for (const line of traceOf(transaction)) say(line);
      for (const violation of at.view((tx) => [...checkTransaction(tx, transaction)])) note(violation);
    },
    onKill: (at, alloc, byDeadline) => {
      const violation = checkKill(at, alloc, byDeadline);
      if (violation) note(violation);
    },
  });
  const startMs = world.clock.nowMs();
  const note = (violation: Omit<Violation, 'atMs'>) =>
    violations.push({ ...violation, atMs: world.clock.nowMs() - startMs });
  const say = (event: string) => events.push(`${((world.clock.nowMs() - startMs) / 1000).toFixed(3)}s ${event}`);

  await world.start();
  const story = new Story(world, random, say, note);
  await story.submit();
  let steps = 0;
  const stormUntil = startMs + STORM_MS;
  while (violations.length === 0 && world.clock.nowMs() < stormUntil && steps < MAX_STEPS) {
    if (!(await world.step(story.nextMs))) {
      await world.clock.advance(Math.max(0, story.nextMs - world.clock.nowMs()));
      if (world.isUp)
        for (const violation of world.view((tx) => [...checkRest(tx, world.clock.nowMs())])) note(violation);
      await story.act();
    }
    steps++;
  }
  await story.calm();
  const calmUntil = world.clock.nowMs() + CALM_MS;
  let lookAt = world.clock.nowMs() + LOOK_EVERY_MS;
  while (violations.length === 0 && (await world.step(calmUntil)) && steps < MAX_STEPS) {
    steps++;
    if (world.clock.nowMs() < lookAt) continue;
    for (const violation of world.view((tx) => [...checkRest(tx, world.clock.nowMs())])) note(violation);
    if (world.view((tx) => [...checkEnd(tx, tx.job('default', 'web') as Job)]).length === 0) break;
    lookAt = world.clock.nowMs() + LOOK_EVERY_MS;
  }
  if (violations.length === 0) {
    for (const violation of world.view((tx) => [...checkEnd(tx, tx.job('default', 'web') as Job)])) note(violation);
    for (const violation of world.view((tx) => story.checkAcknowledged(tx.job('default', 'web')))) note(violation);
  }
  await world.close();
  return { seed, violations, steps, events };
}

/** What happens to the world, and when. */
class Story {
  readonly #world: World;
  readonly #random: Random;
  readonly #say: (event: string) => void;
  readonly #note: (violation: Omit<Violation, 'atMs'>) => void;
  /** The release of the newest submission that was acknowledged, and of one that was not and may or may not be there. */
  #acknowledged = 0;
  #unsure = 0;
  #release = 0;
  #spec: { count: number; maxParallel: number; hasIngress: boolean; interval: number; isStatic: boolean };
  nextMs: number;

  constructor(
    world: World,
    random: Random,
    say: (event: string) => void,
    note: (violation: Omit<Violation, 'atMs'>) => void,
  ) {
    this.#note = note;
    this.#world = world;
    this.#random = random;
    this.#say = say;
    this.#spec = {
      count: 1 + randomInt(random, 8),
      maxParallel: 1 + randomInt(random, 3),
      hasIngress: world.ingresses.length > 0 || random.next() < 0.5,
      interval: random.next() < 0.2 ? 1 + randomInt(random, 10) : 0,
      isStatic: false,
    };
    this.nextMs = world.clock.nowMs();
    this.#schedule();
  }

  async submit(fate: Fate = 'healthy'): Promise<void> {
    this.#release += 1;
    const release = this.#release;
    this.#unsure = release;
    const version = this.#world.view((tx) => (tx.job('default', 'web')?.Version ?? -1) + 1);
    this.#world.fates.set(version, fate);
    this.#say(
      `submit release ${release} as version ${version}: count ${this.#spec.count}, max_parallel ${this.#spec.maxParallel}, ${fate}`,
    );
    try {
      await this.#world.submit(jobRequest(release, this.#spec));
      this.#acknowledged = release;
    } catch (error) {
      this.#say(`submit refused: ${error instanceof Error ? error.message : error}`);
    }
  }

  async act(): Promise<void> {
    this.#schedule();
    const roll = this.#random.next();
    const rule = ACTIONS.find((action) => roll < action.upTo);
    if (rule && (this.#world.isUp || rule.name === 'crash')) await rule.act(this, this.#world, this.#random, this.#say);
  }

  /** Every fault ends, and the last version is a good one. */
  async calm(): Promise<void> {
    if (!this.#world.isUp) await this.#world.startServer();
    for (const node of this.#world.nodes) node.isPartitioned = false;
    for (const ingress of this.#world.ingresses) ingress.isPartitioned = false;
    if (this.#world.nodes.every((node) => node.isDead)) await this.#world.addNode();
    this.#say('calm');
    await this.submit();
  }

  scale(count: number): void {
    this.#spec = { ...this.#spec, count };
  }

  /** What was acknowledged before the crash must be there after it. */
  checkRestart(): void {
    for (const violation of this.#world.view((tx) => this.checkAcknowledged(tx.job('default', 'web'))))
      this.#note(violation);
  }

  checkAcknowledged(job: Job | undefined): Omit<Violation, 'atMs'>[] {
    const release = Number(job?.Meta?.release ?? 0);
    const isThere = release >= this.#acknowledged && release <= this.#unsure;
    return isThere
      ? []
      : [{ law: 'acknowledged', what: `release ${this.#acknowledged} was acknowledged; the job is at ${release}` }];
  }

  #schedule(): void {
    this.nextMs = this.#world.clock.nowMs() + 500 + randomInt(this.#random, 15_000);
  }
}

interface Action {
  readonly name: string;
  /** Cumulative probability. */
  readonly upTo: number;
  readonly act: (story: Story, world: World, random: Random, say: (event: string) => void) => Promise<void> | void;
}

const ACTIONS: readonly Action[] = [
  { name: 'new version', upTo: 0.35, act: (story) => story.submit() },
  {
    name: 'bad version',
    upTo: 0.45,
    act: (story, _world, random) => story.submit(random.next() < 0.5 ? 'never-healthy' : 'fails'),
  },
  {
    name: 'scale',
    upTo: 0.55,
    act: (story, _world, random) => {
      story.scale(randomInt(random, 9));
      return story.submit();
    },
  },
  {
    name: 'node loss',
    upTo: 0.62,
    act: (_story, world, random, say) => {
      const alive = world.nodes.filter((node) => !node.isDead);
      if (alive.length < 2) return;
      const node = alive[randomInt(random, alive.length)]!;
      say(`node ${node.id.slice(0, 8)} dies`);
      node.die();
    },
  },
  {
    name: 'node joins',
    upTo: 0.67,
    act: async (_story, world, _random, say) => {
      say('a node joins');
      await world.addNode();
    },
  },
  {
    name: 'node partition',
    upTo: 0.75,
    act: (_story, world, random, say) => {
      const node = world.nodes[randomInt(random, world.nodes.length)]!;
      const forMs = 1000 + randomInt(random, 40_000);
      say(`node ${node.id.slice(0, 8)} is cut off for ${forMs} ms`);
      node.isPartitioned = true;
      world.clock.after(forMs, () => {
        node.isPartitioned = false;
      });
    },
  },
  {
    name: 'ingress partition',
    upTo: 0.85,
    act: (_story, world, random, say) => {
      const ingress = world.ingresses[randomInt(random, Math.max(1, world.ingresses.length))];
      if (!ingress) return;
      const forMs = 1000 + randomInt(random, 30_000);
      say(`${ingress.id} is cut off for ${forMs} ms`);
      ingress.isPartitioned = true;
      world.clock.after(forMs, () => {
        ingress.isPartitioned = false;
      });
    },
  },
  {
    name: 'crash',
    upTo: 1,
    act: async (story, world, random, say) => {
      if (!world.isUp) return;
      say('the server crashes');
      await world.crashServer();
      await world.clock.advance(randomInt(random, 3000));
      await world.startServer();
      say('the server is back');
      story.checkRestart();
    },
  },
];

function jobRequest(
  release: number,
  spec: {
    readonly count: number;
    readonly maxParallel: number;
    readonly hasIngress: boolean;
    readonly interval: number;
  },
): JobRequest {
  return {
    ID: 'web',
    Name: 'web',
    Type: 'service',
    Datacenters: ['dc1'],
    Meta: { release: String(release) },
    TaskGroups: [
      {
        Name: 'app',
        Count: spec.count,
        Update: {
          MaxParallel: spec.maxParallel,
          MinHealthyTime: 2 * SECOND,
          HealthyDeadline: 20 * SECOND,
          ProgressDeadline: 60 * SECOND,
          ...(spec.interval > 0 && { BatchInterval: spec.interval * SECOND }),
        },
        Networks: [{ DynamicPorts: [{ Label: 'http' }] }],
        Services: [
          {
            Name: 'web',
            PortLabel: 'http',
            ...(spec.hasIngress && { Ingress: [{ Listen: 8080 }] }),
          },
        ],
        Tasks: [{ Name: 'server', Driver: 'mock', Config: { run_for: '1h' }, Resources: { CPU: 100, MemoryMB: 64 } }],
      },
    ],
  };
}
