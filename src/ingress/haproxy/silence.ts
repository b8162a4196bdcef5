/**
 * Which processes of HAProxy owe an answer, and for how long. One that is frozen (SIGSTOP, a container paused beside this
 * one) says nothing, and once it goes on it leads whatever waits in its sockets by the table that it had: to instances
 * that were stopped meanwhile, since a drain's deadline passes for an ingress that cannot speak. So who has been silent
 * is ended before that.
 */
import type { Clock, Timer } from '../../lib/clock.ts';
import { isSame, type ProcessId, type ProcessStat, readStat } from '../../lib/process-id.ts';

interface Debt {
  readonly id: ProcessId;
  sinceMs: number;
}

export interface SilenceOptions {
  readonly clock: Clock;
  /** Hears of them again and again for as long as they are silent. */
  readonly onSilent: (silent: readonly ProcessId[]) => void;
  readonly find?: (pid: number) => ProcessStat | undefined;
}

/** One that is merely busy, on a machine that is, answers within that; one that the system shows as stopped does not. */
const SILENT_MS = { running: 3000, stopped: 200 } as const;
const LOOK_MS = 100;
/** This process has slept itself: it knows nothing of the others. */
const LATE_MS = 500;

export class Silence {
  readonly #options: Required<SilenceOptions>;
  readonly #debts = new Map<number, Debt>();
  #timer: Timer | undefined;

  constructor(options: SilenceOptions) {
    this.#options = { find: readStat, ...options };
  }

  /** Waits for an answer of that process. One that was refused is owed as before. */
  async of<T>(pid: number, answer: Promise<T>): Promise<T> {
    const id = this.#debts.has(pid) ? undefined : this.#options.find(pid);
    if (id !== undefined) this.#debts.set(pid, { id, sinceMs: this.#options.clock.nowMs() });
    this.#lookLater();
    const value = await answer;
    this.#debts.delete(pid);
    return value;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#debts.clear();
  }

  #lookLater(): void {
    const { clock } = this.#options;
    if (this.#timer !== undefined || this.#debts.size === 0) return;
    const dueMs = clock.nowMs() + LOOK_MS;
    this.#timer = clock.after(LOOK_MS, () => {
      this.#timer = undefined;
      this.#look(clock.nowMs(), clock.nowMs() - dueMs > LATE_MS);
      this.#lookLater();
    });
  }

  #look(nowMs: number, hasSlept: boolean): void {
    const silent: ProcessId[] = [];
    for (const [pid, debt] of this.#debts) {
      const stat = this.#options.find(pid);
      if (stat === undefined || !isSame(debt.id, stat)) this.#debts.delete(pid);
      else if (hasSlept) debt.sinceMs = nowMs;
      else if (nowMs - debt.sinceMs >= SILENT_MS[stat.state === 'T' ? 'stopped' : 'running']) silent.push(debt.id);
    }
    if (silent.length > 0) this.#options.onSilent(silent);
  }
}
