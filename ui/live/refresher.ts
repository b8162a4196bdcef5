/**
 * Asks again what is stale: at once, then no more often than every `everyMs`, and never twice at a time, so that a
 * hundred events a second cost a few questions, and the last change is always seen.
 */
export interface Refresher {
  mark(keys: readonly (readonly unknown[])[]): void;
}

export function createRefresher(refresh: (key: readonly unknown[]) => Promise<unknown>, everyMs: number): Refresher {
  const busy = new Map<string, { again: boolean }>();

  const start = async (key: readonly unknown[], name: string): Promise<void> => {
    const state = { again: false };
    busy.set(name, state);
    await Promise.all([refresh(key).catch(() => undefined), rest(everyMs)]);
    busy.delete(name);
    if (state.again) void start(key, name);
  };

  return {
    mark(keys) {
      for (const key of keys) {
        const name = JSON.stringify(key);
        const running = busy.get(name);
        if (running) running.again = true;
        else void start(key, name);
      }
    },
  };
}

const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
