/**
 * A command that an OCI runtime runs for us. The runtime waits for whatever holds the command's output, so its end is
 * looked for beside it; and it takes no keys for the command before its own terminal is set up.
 */
import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { type Clock, sleep } from '../lib/clock.ts';
import type { AttachedCommand } from './driver.ts';
import type { Keeper } from './exec-keeper.ts';
import { isAlive, type ProcessId, readStat } from './proc.ts';

export interface InnerCommand {
  /** Where the runtime writes the command's pid once it runs. */
  readonly pidFile: string;
  readonly clock: Clock;
}

const FIRST_LOOKS_MS = 10;
const LOOK_MS = 200;

export function withInner(outer: AttachedCommand, inner: InnerCommand, keeper: Keeper): AttachedCommand {
  const over = new AbortController();
  void outer.exited.then(() => over.abort());
  const begun = beginning(inner, over.signal);
  void begun.then((command) => command && endLeftovers(command, inner.clock, keeper, over.signal));
  const stdin = new Writable({
    write: (chunk, _encoding, done) => void begun.then(() => outer.stdin.write(chunk, () => done())),
    final: (done) => void begun.then(() => outer.stdin.end(() => done())),
  });
  return { ...outer, stdin };
}

async function beginning({ pidFile, clock }: InnerCommand, over: AbortSignal): Promise<ProcessId | undefined> {
  for (;;) {
    const pid = Number.parseInt(read(pidFile), 10);
    // One that is gone already was alive when the runtime wrote this.
    if (pid > 0) return readStat(pid) ?? { pid, start: '' };
    if (over.aborted) return undefined;
    await sleep(clock, FIRST_LOOKS_MS, over);
  }
}

async function endLeftovers(command: ProcessId, clock: Clock, keeper: Keeper, over: AbortSignal): Promise<void> {
  while (isAlive(command) && !over.aborted) await sleep(clock, LOOK_MS, over);
  if (over.aborted) return;
  keeper.disown();
  await keeper.finish();
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
