/**
 * Copies the output of tasks from the engine's own log into the tasks' files. The engine keeps what is written while no
 * agent runs; `docker-log-journal.ts` knows how far the copy is.
 */
import { join } from 'node:path';
import { type Clock, sleep } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { type Engine, isNotFound, isUnreachable } from './docker-engine.ts';
import { LogEntries } from './docker-log-frames.ts';
import { LogJournal, type LogPaths, newRecord, readRecord, removeRecord, writeRecord } from './docker-log-journal.ts';

export interface LogFollowersOptions {
  readonly stateDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly engine: () => Promise<Engine>;
}

const RETRY_MS = 1_000;
/** How long an engine may take to close the log of a container that has ended. */
const LAST_WORDS_MS = 3_000;

interface Following {
  readonly journal: LogJournal;
  readonly stop: AbortController;
  /** Ends the wait for more output; what is there is copied all the same. */
  readonly hurry: AbortController;
  readonly done: Promise<void>;
}

export class LogFollowers {
  readonly #options: LogFollowersOptions;
  readonly #following = new Map<string, Following>();

  constructor(options: LogFollowersOptions) {
    this.#options = options;
  }

  /** Before the container exists, so that whoever finds it knows where its output goes. */
  prepare(taskId: string, paths: LogPaths, hasTerminal: boolean): void {
    writeRecord(this.#file(taskId), newRecord(paths, hasTerminal));
  }

  /** Copies until the container has ended; one copy at a time for a task, however often this is called. */
  follow(taskId: string, container: string): void {
    const record = this.#following.has(taskId) ? undefined : readRecord(this.#file(taskId));
    if (record === undefined || record.isWhole) return;
    const [stop, hurry] = [new AbortController(), new AbortController()];
    const journal = new LogJournal(this.#file(taskId), record);
    const done = this.#copy({ journal, container, stop: stop.signal, hurry: hurry.signal }).finally(() => {
      journal.close();
      this.#following.delete(taskId);
    });
    this.#following.set(taskId, { journal, stop, hurry, done });
  }

  /** Resolves when nothing more is copied of that task, whose container has ended. */
  async finished(taskId: string): Promise<void> {
    const following = this.#following.get(taskId);
    const timer = this.#options.clock.after(LAST_WORDS_MS, () => following?.hurry.abort());
    await following?.done;
    timer.cancel();
  }

  async forget(taskId: string): Promise<void> {
    const following = this.#following.get(taskId);
    following?.stop.abort();
    await following?.done;
    removeRecord(this.#file(taskId));
  }

  /** Lets go of everything; the next agent goes on where this one ended. */
  async close(): Promise<void> {
    const all = [...this.#following.values()];
    for (const { stop } of all) stop.abort();
    await Promise.all(all.map(({ done }) => done));
  }

  #file(taskId: string): string {
    return join(this.#options.stateDir, `${taskId}.output`);
  }

  async #copy(copy: Copy): Promise<void> {
    const { clock, log } = this.#options;
    for (let failures = 0; !copy.stop.aborted; ) {
      try {
        if (await this.#copyOnce(copy)) return copy.journal.finish();
        failures = 0;
      } catch (error) {
        if (copy.stop.aborted || isNotFound(error)) return;
        const what = { container: copy.container, error: messageOf(error) };
        if (failures++ === 0) log.warn(what, 'output of a container cannot be read');
        // Some logging drivers of an engine cannot be read back, ever.
        if (!isUnreachable(error)) return;
      }
      await sleep(clock, RETRY_MS, copy.stop);
    }
  }

  /** Whether that was everything: the container has ended, and all of its log was there. */
  async #copyOnce({ journal, container, stop, hurry }: Copy): Promise<boolean> {
    const target = (await this.#options.engine()).getContainer(container);
    await this.#follow(target, journal, AbortSignal.any([stop, hurry])).catch((error) => {
      if (!hurry.aborted) throw error;
    });
    if (stop.aborted || (await target.inspect()).State.Running) return false;
    // An engine may close the stream of a container that ends before its last words are out.
    journal.restart();
    const rest = await target.logs({ ...whatOf(journal), follow: false, abortSignal: stop });
    await this.#copyStream(journal, [rest]);
    return true;
  }

  async #follow(target: Target, journal: LogJournal, abortSignal: AbortSignal): Promise<void> {
    journal.restart();
    const stream = await target.logs({ ...whatOf(journal), follow: true, abortSignal });
    await this.#copyStream(journal, stream as unknown as AsyncIterable<Buffer>);
  }

  async #copyStream(journal: LogJournal, chunks: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> {
    const entries = new LogEntries(journal.record.hasTerminal);
    for await (const chunk of chunks) journal.append(entries.push(chunk));
  }
}

type Target = ReturnType<Engine['getContainer']>;

interface Copy {
  readonly journal: LogJournal;
  readonly container: string;
  readonly stop: AbortSignal;
  readonly hurry: AbortSignal;
}

const whatOf = (journal: LogJournal) => ({ stdout: true, stderr: true, timestamps: true, since: journal.sinceSeconds });
