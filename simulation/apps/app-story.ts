/** What Marathon's people do to their apps, what they were told, and what they may rely on since. */
import { type Random, randomInt } from '../../src/lib/random.ts';
import { jobIdOf } from '../../src/marathon/app-id.ts';
import type { AppState } from '../../src/marathon/root.ts';
import { DEFAULT_NAMESPACE } from '../../src/model/job.ts';
import type { ChangeResult } from '../../src/server/marathon/change.ts';
import { scaleGroup } from '../../src/server/marathon/groups.ts';
import { rootOf } from '../../src/server/marathon/root-of.ts';
import { runningDeployments } from '../../src/server/marathon/rows.ts';
import type { ReadTx } from '../../src/state/types.ts';
import { isWanted } from '../laws/instances.ts';
import type { ScriptSetting } from '../script.ts';
import type { Fate } from '../sim-runner.ts';
import { chance, oneOf } from '../spec.ts';
import {
  APP_IDS,
  type AppSpec,
  appInput,
  appInWords,
  drawApp,
  drawInstances,
  drawUnreachable,
  withEndOfWait,
} from './app-spec.ts';

export class AppStory {
  readonly #setting: ScriptSetting;
  readonly #specs = new Map<string, AppSpec>();
  #release = 0;

  constructor(setting: ScriptSetting) {
    this.#setting = setting;
  }

  get random(): Random {
    return this.#setting.random;
  }

  /** Two of three times the way of upgrading stays as it was. */
  async put(id: string, fates: readonly Fate[] = ['healthy']): Promise<void> {
    const known = this.#specs.get(id);
    const drawn = known && chance(this.random, 0.6) ? known : this.#draw(id);
    // Who gets a way in while it runs is a story of its own.
    const spec = known ? { ...drawn, listen: known.listen } : drawn;
    await this.#put([spec], oneOf(this.random, fates));
  }

  /** Several at once are one deployment. */
  async putAll(fate: Fate = 'healthy', isForced = this.#drawForce()): Promise<void> {
    const specs = APP_IDS.map((id) => this.#specs.get(id) ?? this.#draw(id));
    for (const spec of specs) this.#specs.set(spec.id, spec);
    await this.#put(specs, fate, isForced);
  }

  async scale(id: string): Promise<void> {
    const instances = drawInstances(this.random);
    const force = this.#drawForce();
    const options = { mode: 'update', isPartial: true, force } as const;
    await this.#change(`scale ${id} to ${instances}${words(force)}`, [id], () =>
      this.#marathon.putApps([{ id, instances }], options),
    );
  }

  async scaleBy(): Promise<void> {
    const factor = oneOf(this.random, [0.5, 1.5, 2]);
    const force = this.#drawForce();
    await this.#change(`scale /shop by ${factor}${words(force)}`, APP_IDS, () =>
      this.#marathon.change({ force, make: (root, version) => scaleGroup(root, '/shop', factor, version) }),
    );
  }

  async restart(id: string): Promise<void> {
    const force = this.#drawForce();
    await this.#change(`restart ${id}${words(force)}`, [id], () => this.#marathon.restartApp(id, { force }));
  }

  async remove(id: string): Promise<void> {
    await this.#change(`remove ${id}`, [id], () => this.#marathon.removeApp(id, { force: true }));
  }

  async killAndScale(id: string): Promise<void> {
    const allocs = this.#setting.world.view((tx) => tx.allocsByJob(DEFAULT_NAMESPACE, jobIdOf(id))).filter(isWanted);
    const killed = allocs.filter(() => chance(this.random, 0.4)).map(({ ID }) => ID);
    const force = this.#drawForce();
    await this.#change(`kill ${killed.length} of ${id} and scale${words(force)}`, [id], () =>
      this.#marathon.killAndScale(killed, { force }),
    );
  }

  async kill(id: string): Promise<void> {
    const allocs = this.#setting.world.view((tx) => tx.allocsByJob(DEFAULT_NAMESPACE, jobIdOf(id))).filter(isWanted);
    if (allocs.length === 0) return;
    const { ID } = oneOf(this.random, allocs);
    await this.#ask(`kill ${ID.slice(0, 8)} of ${id}`, () => this.#setting.world.server.stopAlloc(ID));
  }

  /** Leads back; by force everything stays where it is. */
  async cancel(): Promise<void> {
    const open = this.#setting.world.view(runningDeployments);
    if (open.length === 0) return;
    const { ID } = oneOf(this.random, open);
    const force = randomInt(this.random, 4) === 0;
    const said = `${force ? 'cancel' : 'roll back'} deployment ${ID.slice(0, 8)}`;
    const marathon = this.#marathon;
    await this.#change(said, APP_IDS, () => marathon.cancelDeployment(ID, { force }));
  }

  /** A good version of every app, with whatever was under way cancelled. */
  async calm(): Promise<void> {
    for (const [id, spec] of this.#specs) this.#specs.set(id, withEndOfWait(spec));
    await this.putAll('healthy', true);
  }

  #draw(id: string): AppSpec {
    const { aside, ingresses } = this.#setting;
    return { ...drawApp(this.random, id, ingresses), ...drawUnreachable(aside) };
  }

  async #put(specs: readonly AppSpec[], fate: Fate, force = this.#drawForce()): Promise<void> {
    this.#release += 1;
    const release = String(this.#release);
    this.#setting.world.fates.set(release, fate);
    const ids = specs.map(({ id }) => id);
    const options = { mode: 'put', isPartial: true, force } as const;
    const said = `put release ${release}, ${fate}${words(force)}: ${specs.map(appInWords).join('; ')}`;
    const taken = await this.#change(said, ids, () =>
      this.#marathon.putApps(
        specs.map((spec) => appInput(spec, release)),
        options,
      ),
    );
    if (taken) for (const spec of specs) this.#specs.set(spec.id, spec);
  }

  get #marathon() {
    return this.#setting.world.server.marathon;
  }

  #drawForce(): boolean {
    return chance(this.random, 0.4);
  }

  /** What was acknowledged of each of the apps is what everybody sees from now on. */
  async #change(said: string, ids: readonly string[], ask: () => Promise<ChangeResult | undefined>): Promise<boolean> {
    const { judge } = this.#setting;
    for (const id of ids) judge.acknowledged.forget(`app ${id}`);
    const result = await this.#ask(said, ask);
    if (!result) return false;
    for (const id of ids) {
      const wanted = inWords(result.root.apps.get(id));
      judge.acknowledged.note(`app ${id}`, {
        what: `"${said}" (${id}: ${wanted})`,
        holds: (tx: ReadTx) => inWords(rootOf(tx).apps.get(id)) === wanted,
      });
    }
    return true;
  }

  /** undefined where it was refused, or the server fell before it could say. */
  async #ask<T>(said: string, ask: () => Promise<T>): Promise<T | undefined> {
    this.#setting.say(said);
    try {
      return await ask();
    } catch (error) {
      this.#setting.say(`  refused: ${error instanceof Error ? error.message : error}`);
      return undefined;
    }
  }
}

const words = (isForced: boolean): string => (isForced ? ' by force' : '');

const inWords = (state: AppState | undefined): string =>
  state ? `release ${state.app.labels.release}, ${state.app.instances} instances` : 'none';
