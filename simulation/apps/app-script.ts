/**
 * The scenario of Marathon's apps: put, scaled, upgraded, restarted, killed, removed, forced and rolled back at any
 * moment, under the same faults as a job; in the end a good version of each must run, and no deployment be left.
 */
import { jobIdOf } from '../../src/marathon/app-id.ts';
import { DEFAULT_NAMESPACE } from '../../src/model/job.ts';
import { runningDeployments } from '../../src/server/marathon/rows.ts';
import type { CommittedTransaction, ReadTx } from '../../src/state/types.ts';
import { strike } from '../actions.ts';
import type { Judge } from '../laws/judge.ts';
import { unsettled } from '../laws/rest.ts';
import type { Script, ScriptSetting } from '../script.ts';
import { chance, oneOf } from '../spec.ts';
import { Story } from '../story.ts';
import { APP_IDS } from './app-spec.ts';
import { AppStory } from './app-story.ts';

export const isAppSeed = (seed: string): boolean => seed.startsWith('apps-');

const DOINGS: readonly { readonly weight: number; readonly act: (story: AppStory, id: string) => Promise<void> }[] = [
  { weight: 14, act: (story, id) => story.put(id, ['healthy', 'healthy', 'healthy', 'slow']) },
  { weight: 6, act: (story, id) => story.put(id, ['never-healthy', 'fails', 'flapping']) },
  { weight: 4, act: (story) => story.putAll() },
  { weight: 8, act: (story, id) => story.scale(id) },
  { weight: 2, act: (story) => story.scaleBy() },
  { weight: 4, act: (story, id) => story.restart(id) },
  { weight: 3, act: (story, id) => story.kill(id) },
  { weight: 4, act: (story, id) => story.killAndScale(id) },
  { weight: 2, act: (story, id) => story.remove(id) },
  { weight: 7, act: (story) => story.cancel() },
];
const DRAWER = DOINGS.flatMap((doing) => Array.from({ length: doing.weight }, () => doing));

export class AppScript implements Script {
  readonly #setting: ScriptSetting;
  readonly #story: AppStory;
  readonly #judge: Judge;
  /** Faults are the same as those of a job. */
  readonly #faults: Story;

  constructor(setting: ScriptSetting) {
    const { world, random, judge, say } = setting;
    this.#setting = setting;
    this.#judge = judge;
    this.#story = new AppStory(setting);
    this.#faults = new Story(world, random, judge, { groups: [] }, say);
  }

  begin(): Promise<void> {
    return this.#story.putAll();
  }

  async act(): Promise<void> {
    const { world, random } = this.#setting;
    if (!world.isUp) return;
    if (chance(random, 0.4)) await strike(this.#faults);
    else await oneOf(random, DRAWER).act(this.#story, oneOf(random, APP_IDS));
  }

  recover(): Promise<void> {
    return this.#faults.recover();
  }

  async calm(): Promise<void> {
    await this.#faults.mend();
    await this.#story.calm();
  }

  async attend(): Promise<void> {
    // Marathon's deployments wait for nobody.
  }

  judge(tx: ReadTx, transaction: CommittedTransaction): void {
    this.#judge.apps(tx, transaction);
  }

  isSettled(tx: ReadTx): boolean {
    return this.#unsettled(tx) === undefined;
  }

  end(tx: ReadTx): void {
    this.#judge.endOfApps(tx, this.#unsettled(tx));
  }

  #unsettled(tx: ReadTx): string | undefined {
    const [open] = runningDeployments(tx);
    if (open) {
      const actions = (open.Steps[open.CurrentStep]?.actions ?? []).map(({ action, app }) => `${action} ${app}`);
      return `Marathon's deployment ${open.ID.slice(0, 8)} is still at step ${open.CurrentStep + 1}: ${actions.join(', ')}`;
    }
    for (const id of APP_IDS) {
      const job = tx.job(DEFAULT_NAMESPACE, jobIdOf(id));
      const problem = job ? unsettled(tx, job) : 'it is gone';
      if (problem !== undefined) return `${id}: ${problem}`;
    }
    return undefined;
  }
}
