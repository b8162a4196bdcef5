/**
 * Asks again what is stale: at once, then no more often than every `everyMs` and than its answer's cost allows, and never
 * twice at a time, so that a hundred events a second cost a few questions, and the last change is always seen.
 */
export interface Refresher {
  mark(keys: readonly (readonly unknown[])[]): void;
}

/** An answer that took long leaves the agent and the page twice as long for other things. */
const REST_PER_COST = 2;

export function createRefresher(
  refresh: (key: readonly unknown[]) => Promise<unknown>,
  everyMs: number,
  nowMs: () => number = () => performance.now(),
): Refresher {
  const busy = new Map<string, { again: boolean }>();

  const start = async (key: readonly unknown[], name: string): Promise<void> => {
    const state = { again: false };
    busy.set(name, state);
    const startedMs = nowMs();
    await refresh(key).catch(() => undefined);
    const costMs = nowMs() - startedMs;
    await rest(Math.max(everyMs - costMs, costMs * REST_PER_COST));
    busy.delete(name);
    if (state.again) void start(key, name);
  };

  return {
    mark(keys) {
      for (const [name, key] of new Map(keys.map((each) => [JSON.stringify(each), each]))) {
        const running = busy.get(name);
        if (running) running.again = true;
        else void start(key, name);
      }
    },
  };
}

const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
