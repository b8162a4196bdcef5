/**
 * A scenario: a service is deployed, updated, promoted, failed, reverted and scaled while nodes, ingresses and the server
 * fail, all drawn from the seed; then the faults end, and the world must come to rest in the right place. Of a seed
 * "apps-17" it is apps of Marathon instead of one service.
 */
import { type Random, randomInt, seededRandom } from '../src/lib/random.ts';
import { AppScript, isAppSeed } from './apps/app-script.ts';
import { JobScript } from './job-script.ts';
import { Judge } from './laws/judge.ts';
import type { Law, Violation } from './laws/laws.ts';
import type { PlantedBug } from './planted-bugs.ts';
import type { Script } from './script.ts';
import { traceOf } from './trace.ts';
import { World } from './world.ts';

export interface ScenarioResult {
  readonly seed: string;
  readonly violations: readonly Violation[];
  /** Of laws that the product does not keep yet. */
  readonly awaited: readonly Violation[];
  /** How often each law was looked at with something at stake. */
  readonly checked: ReadonlyMap<Law, number>;
  readonly steps: number;
  readonly events: readonly string[];
}

export interface ScenarioOptions {
  /** Tell every change on the way. */
  readonly trace?: boolean;
  readonly plantedBug?: PlantedBug;
  /** Laws that may be broken: they are counted. */
  readonly awaited?: ReadonlySet<Law>;
}

const STORM_MS = 90_000;
/** Between two things that happen. */
const PAUSE_MS = [300, 10_000] as const;
const CALM_MS = 900_000;
/** How often a world that calms down is looked at; one that is at rest needs no more time. */
const LOOK_EVERY_MS = 10_000;
const MAX_STEPS = 200_000;

/** Runs one seed to its end or to its first violation. */
export async function runScenario(seed: string, options: ScenarioOptions = {}): Promise<ScenarioResult> {
  const run = new Run(seed, options);
  await run.storm();
  await run.calm();
  return run.close();
}

class Run {
  readonly #seed: string;
  readonly #world: World;
  readonly #judge: Judge;
  readonly #script: Script;
  readonly #random: Random;
  readonly #events: string[] = [];
  readonly #startMs: number;
  #steps = 0;
  #nextMs: number;

  constructor(seed: string, options: ScenarioOptions) {
    const random = seededRandom(`${seed} scenario`);
    this.#seed = seed;
    const ingresses = randomInt(random, 3);
    this.#world = new World({
      seed,
      nodes: 2 + randomInt(random, 4),
      ingresses,
      plantedBug: options.plantedBug,
      onCommit: (world, transaction) => {
        if (options.trace) for (const line of traceOf(transaction)) this.#say(line);
        world.view((tx) => this.#script.judge(tx, transaction));
      },
      onTable: (tx, table, ingressId) => this.#judge.table(tx, table, ingressId),
      onKill: (world, alloc, byDeadline) =>
        this.#judge.kill(
          alloc,
          byDeadline,
          world.ingresses.find((ingress) => ingress.reaches(alloc.ID)),
        ),
    });
    const { clock } = this.#world;
    this.#startMs = clock.nowMs();
    this.#nextMs = clock.nowMs();
    this.#judge = new Judge(() => clock.nowMs(), this.#startMs, options.awaited ?? new Set());
    const setting = {
      world: this.#world,
      random,
      aside: seededRandom(`${seed} aside`),
      judge: this.#judge,
      ingresses,
      say: (event: string) => this.#say(event),
    };
    this.#random = random;
    this.#script = isAppSeed(seed) ? new AppScript(setting) : new JobScript(setting);
  }

  async storm(): Promise<void> {
    const { clock } = this.#world;
    await this.#world.start();
    await this.#script.begin();
    this.#schedule();
    while (this.#goesOn && clock.nowMs() < this.#startMs + STORM_MS) {
      if (await this.#step(this.#nextMs)) continue;
      await clock.advance(Math.max(0, this.#nextMs - clock.nowMs()));
      this.#look();
      this.#schedule();
      await this.#script.act();
    }
  }

  async calm(): Promise<void> {
    const { clock } = this.#world;
    if (!this.#goesOn) return;
    await this.#script.calm();
    const untilMs = clock.nowMs() + CALM_MS;
    let lookAtMs = clock.nowMs() + LOOK_EVERY_MS;
    while (this.#goesOn && (await this.#step(untilMs))) {
      if (clock.nowMs() < lookAtMs) continue;
      lookAtMs = clock.nowMs() + LOOK_EVERY_MS;
      this.#look();
      await this.#script.attend();
      if (this.#world.view((tx) => this.#script.isSettled(tx))) break;
    }
    if (this.#goesOn) this.#world.view((tx) => this.#script.end(tx));
  }

  async close(): Promise<ScenarioResult> {
    await this.#world.close();
    const { violations, awaited, checked } = this.#judge.verdicts;
    return { seed: this.#seed, violations, awaited, checked, steps: this.#steps, events: this.#events };
  }

  get #goesOn(): boolean {
    return this.#judge.verdicts.violations.length === 0 && this.#steps < MAX_STEPS;
  }

  /** One event of the world; a server that fell on the way is started again. */
  async #step(untilMs: number): Promise<boolean> {
    const ran = await this.#world.step(untilMs);
    if (!this.#world.isUp) await this.#script.recover();
    this.#steps++;
    return ran;
  }

  #look(): void {
    if (this.#world.isUp) this.#world.view((tx) => this.#judge.rest(tx));
  }

  #schedule(): void {
    const [least, most] = PAUSE_MS;
    this.#nextMs = this.#world.clock.nowMs() + least + randomInt(this.#random, most - least);
  }

  #say(event: string): void {
    this.#events.push(`${((this.#world.clock.nowMs() - this.#startMs) / 1000).toFixed(3)}s ${event}`);
  }
}
