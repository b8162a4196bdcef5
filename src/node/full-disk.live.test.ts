/** A disk that is really full: a small file system of its own, which only root can mount. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NodeAgent } from './node-agent.ts';
import { liveOptions, liveRawExec } from './testing/live-options.ts';
import { sampleAlloc, sampleGroup, sampleJob, sampleTask } from './testing/samples.ts';
import { ServerTwin } from './testing/server-twin.ts';

const NEVER = { Attempts: 0, Interval: 0, Delay: 0, Mode: 'fail' };

describe.skipIf(process.getuid?.() !== 0)('a node on a disk that is full', () => {
  let disk: string;
  let twin: ServerTwin;
  let agent: NodeAgent;
  let leave: AbortController;
  let run: Promise<void>;

  beforeEach(() => {
    disk = mkdtempSync(join(tmpdir(), 'serin-full-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4M', 'tmpfs', disk]);
    twin = new ServerTwin();
    agent = makeAgent(disk, twin);
    leave = new AbortController();
    run = agent.run(leave.signal);
  });

  afterEach(async () => {
    await agent.stopAll(new AbortController().signal);
    leave.abort();
    await run;
    // Lazily: the shell that starts tasks has its folder there and ends a moment after the agent.
    execFileSync('umount', ['--lazy', disk]);
    rmdirSync(disk);
  });

  /** Up to the last byte, so that not even a small file fits. */
  const fill = () => {
    for (const bytes of [1024 * 1024, 4096, 1]) {
      for (let at = 0; tryToWrite(join(disk, `ballast-${bytes}-${at}`), bytes); at++);
    }
  };
  const free = () => execFileSync('/bin/sh', ['-c', `rm -f ${disk}/ballast-*`]);

  const place = (script: string): string => {
    const id = randomUUID();
    const task = sampleTask({
      Driver: 'raw_exec',
      Config: { command: '/bin/sh', args: ['-c', script] },
      RestartPolicy: NEVER,
      KillTimeout: 0,
    });
    twin.place(sampleAlloc(id, { JobID: id }), sampleJob([sampleGroup({ Tasks: [task] })], { ID: id }));
    return id;
  };
  const status = (id: string, wanted: string) => twin.whenAlloc(id, (row) => row.ClientStatus === wanted);
  const pidsOf = async (id: string) => Object.values(await agent.stats(id)).flatMap(({ pids }) => pids);

  it('runs on, fails what it cannot start with a sentence, and starts it once there is room', async () => {
    const runs = place('while :; do echo tick; sleep 0.1; done');
    await status(runs, 'running');
    const [pid] = await pidsOf(runs);
    fill();
    const late = await status(place('sleep 60'), 'failed');
    const events = Object.values(late.TaskStates ?? {}).flatMap((state) => state.Events);
    expect(events.map((event) => event.DisplayMessage).join('\n')).toMatch(/ENOSPC: no space left on device/);
    expect(await pidsOf(runs)).toContain(pid);
    free();
    await status(place('sleep 60'), 'running');
    await agent.restart(runs, undefined, leave.signal);
    expect(await pidsOf(runs)).not.toContain(pid);
    await twin.whenAlloc(
      runs,
      ({ TaskStates }) => TaskStates?.web?.Restarts === 1 && TaskStates.web.State === 'running',
    );
  });
});

function tryToWrite(file: string, bytes: number): boolean {
  try {
    writeFileSync(file, Buffer.alloc(bytes));
    return true;
  } catch {
    if (bytes > 1) rmSync(file, { force: true });
    return false;
  }
}

const makeAgent = (disk: string, connection: ServerTwin): NodeAgent =>
  new NodeAgent(liveOptions({ dataDir: disk, connection, drivers: [liveRawExec(join(disk, 'raw_exec'))] }));
