/** What the runs under load have in common: steps that follow each other while requests come in, and what they add up to. */
import type { Latencies } from '../bench/latency-histogram.ts';
import type { LoadOptions } from '../bench/load.ts';
import type { SoakContext, SoakProgress } from './run.ts';
import { SLOW_MS, startTraffic, type TrafficFigures } from './traffic.ts';

const CONNECTIONS = 32;
const REQUESTS_PER_SECOND = 320;

/** In the words of a report. */
export const LOAD_WORDS = `${CONNECTIONS} connections send ${REQUESTS_PER_SECOND} requests a second from before the first until after the last: half are quick \`GET\`s, half \`POST\`s that take ${SLOW_MS} ms and may not be sent twice; of both, half come over kept connections and half over fresh ones.`;
export const FAILED_WORDS =
  'no connection, a connection lost after the request went out, an answer cut short or malformed, a status other than 2xx, no answer within 30 s';

export interface Step {
  /** From 1. */
  readonly number: number;
  /** What should not have been, in words. */
  readonly problems: readonly string[];
}

export interface StepsProgress<S extends Step> extends SoakProgress {
  readonly steps: readonly S[];
  readonly requests: number;
  readonly failed: number;
  /** Of the part that ended last; an interrupted run has several. */
  readonly latencies: { readonly quick: Latencies; readonly slow: Latencies } | undefined;
}

export const NO_STEPS: StepsProgress<never> = {
  done: 0,
  failures: [],
  steps: [],
  requests: 0,
  failed: 0,
  latencies: undefined,
};

export interface StepsUnderLoad<S extends Step> {
  readonly listen: number;
  readonly watch?: Pick<LoadOptions, 'onResponse'>;
  /** Takes the steps behind `before.done`; `onStep` is false when there shall be no more. */
  take(onStep: (step: S) => boolean): Promise<unknown>;
}

export async function stepsUnderLoad<S extends Step>(
  { before, signal, save }: Pick<SoakContext<StepsProgress<S>>, 'before' | 'signal' | 'save'>,
  { listen, watch, take }: StepsUnderLoad<S>,
): Promise<StepsProgress<S>> {
  // Steps that are done again, because `--from` says so, count once.
  const known = { ...before, steps: before.steps.filter((each) => each.number <= before.done) };
  const taken: S[] = [];
  const traffic = startTraffic(listen, CONNECTIONS, REQUESTS_PER_SECOND, watch);
  const onStep = (step: S): boolean => {
    taken.push(step);
    save(together(known, taken, traffic.figures()));
    return !signal.aborted;
  };
  try {
    await take(onStep);
  } finally {
    save(together(known, taken, await traffic.stop()));
  }
  return together(known, taken, await traffic.stop());
}

/** What came before an interruption counts too. */
const together = <S extends Step>(
  before: StepsProgress<S>,
  taken: readonly S[],
  figures: TrafficFigures,
): StepsProgress<S> => ({
  done: taken.at(-1)?.number ?? before.done,
  steps: [...before.steps, ...taken],
  requests: before.requests + figures.requests,
  failed: before.failed + figures.failed,
  failures: [...before.failures, ...figures.failures, ...taken.flatMap((each) => each.problems)],
  latencies: figures.latencies,
});
