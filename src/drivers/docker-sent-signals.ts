/**
 * The signals that a task was sent, kept on disk: an engine says that a task ended with 143, not that a signal ended it.
 * One that somebody else sent, or the kernel, shows as the exit code alone.
 */
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export class SentSignals {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Before it is sent: whoever reads how the task ended must know of it. */
  note(taskId: string, signal: number): void {
    if (!this.has(taskId, signal)) appendFileSync(this.#file(taskId), `${signal}\n`);
  }

  has(taskId: string, signal: number): boolean {
    const file = this.#file(taskId);
    return existsSync(file) && readFileSync(file, 'utf8').split('\n').includes(String(signal));
  }

  forget(taskId: string): void {
    rmSync(this.#file(taskId), { force: true });
  }

  #file(taskId: string): string {
    return join(this.#dir, `${taskId}.signals`);
  }
}
