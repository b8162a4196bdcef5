/** The scenario of one service, as a job: see `story.ts` for what people do to it. */
import type { CommittedTransaction, ReadTx } from '../src/state/types.ts';
import { act } from './actions.ts';
import type { Judge } from './laws/judge.ts';
import { unsettled } from './laws/rest.ts';
import type { Script, ScriptSetting } from './script.ts';
import { drawDisconnects, drawSpec } from './spec.ts';
import { Story } from './story.ts';

export class JobScript implements Script {
  readonly #story: Story;
  readonly #judge: Judge;

  constructor({ world, random, aside, judge, ingresses, say }: ScriptSetting) {
    this.#judge = judge;
    const spec = drawDisconnects(aside, drawSpec(random, ingresses));
    this.#story = new Story(world, random, judge, spec, say);
  }

  async begin(): Promise<void> {
    await this.#story.submit();
  }

  act(): Promise<void> {
    return act(this.#story);
  }

  recover(): Promise<void> {
    return this.#story.recover();
  }

  calm(): Promise<void> {
    return this.#story.calm();
  }

  attend(): Promise<void> {
    return this.#story.attend();
  }

  judge(tx: ReadTx, transaction: CommittedTransaction): void {
    this.#judge.transaction(tx, transaction);
  }

  isSettled(tx: ReadTx): boolean {
    const { job } = this.#story;
    return job !== undefined && unsettled(tx, job) === undefined;
  }

  end(tx: ReadTx): void {
    const { job } = this.#story;
    if (job) this.#judge.end(tx, job);
  }
}
