/** How checks of services in Consul are made: Consul looks; for a script this node does, and Consul is told. */
import { type Clock, sleep } from '../../lib/clock.ts';
import { failed, type Probe } from '../check-probe.ts';
import type { CheckState } from '../check-state.ts';
import type { ConsulFinding, ConsulSync } from './consul-sync.ts';

export const NO_CONSUL =
  'its service asks for provider = "consul", and this node has no Consul configured: set consul { address } in the configuration of its agent';

export interface ConsulLook {
  readonly sync: Pick<ConsulSync, 'finding' | 'news' | 'trouble'>;
  readonly checkId: string;
  /** What was known when it began. */
  readonly status: CheckState['status'];
  readonly intervalMs: number;
  readonly clock: Clock;
}

/**
 * Answers with each change of the check in Consul, and once in each interval without one: so a result counts as much as
 * a look of this node's own would. While nothing is known it says so, unless something was known before.
 */
export function consulProbe({ sync, checkId, intervalMs, status, clock }: ConsulLook): Probe {
  let before: ConsulFinding['status'] | undefined;
  let isKnown = status !== 'pending';
  return async (signal) => {
    while (!signal.aborted) {
      const patienceMs = before === undefined ? FIRST_WORD_MS : intervalMs;
      await sync.news(checkId, before, clock.nowMs() + patienceMs, signal);
      const found = sync.finding(checkId);
      before = found?.status;
      isKnown ||= found !== undefined;
      if (found !== undefined) return { grade: found.status, output: found.output || NOT_YET };
      if (!isKnown) return failed(sync.trouble ?? NOT_YET);
      await sleep(clock, FIRST_WORD_MS, signal);
    }
    return failed('stopped');
  };
}

/** So soon somebody wants to know why nothing is known. */
const FIRST_WORD_MS = 1_000;
const NOT_YET = 'Consul has not made it yet';
