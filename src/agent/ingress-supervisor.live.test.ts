import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../ingress/settings.ts';
import { silentLog } from '../lib/log.ts';
import { VirtualClock } from '../lib/virtual-clock.ts';
import { IngressSupervisor } from './ingress-supervisor.ts';
import { endProcess, endProcessesOf, isRunning } from './testing/own-processes.ts';
import { until } from './testing/until.ts';

let dataDir: string;
let stop: AbortController;
let ended: Promise<void>;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'serin-supervisor-'));
  stop = new AbortController();
  ended = Promise.resolve();
});
afterEach(async () => {
  stop.abort();
  await ended;
  await endProcessesOf(dataDir);
  rmSync(dataDir, { recursive: true, force: true });
});

const pid = (): number => (JSON.parse(readFileSync(join(dataDir, 'process.json'), 'utf8')) as { pid: number }).pid;

async function supervise(script: string): Promise<VirtualClock> {
  const clock = new VirtualClock();
  const supervisor = new IngressSupervisor({
    dataDir,
    program: ['/bin/sh', '-c', script],
    serverUrl: 'http://127.0.0.1:1',
    bindAddress: '127.0.0.1',
    name: 'one',
    tokenFile: undefined,
    tls: undefined,
    settings: DEFAULT_SETTINGS,
    hasStandby: true,
    clock,
    log: silentLog,
  });
  ended = supervisor.run(stop.signal);
  await clock.advance(0);
  return clock;
}

async function gone(each: number): Promise<void> {
  await until(`${each} has ended`, () => !isRunning(each));
}

it('an ingress that is killed is started again within 20 ms, not at the next of a few looks a second', async () => {
  const clock = await supervise('sleep 60; true');
  await clock.advance(10_000);
  const first = pid();
  endProcess(first);
  await gone(first);
  await clock.advance(20);
  expect(pid()).not.toBe(first);
  expect(isRunning(pid())).toBe(true);
});

it('one stands by, loaded: it takes the place of one that is killed, and ends with the agent otherwise', async () => {
  const clock = await supervise(
    `echo $$ >> ${dataDir}/started; read call && echo "$call" >> ${dataDir}/called; sleep 60; true`,
  );
  const lines = (name: string): number[] => readFileSync(join(dataDir, name), 'utf8').trim().split('\n').map(Number);
  const started = async (count: number): Promise<number> => {
    await until(`${count} have started`, () => lines('started').length === count);
    return lines('started')[count - 1]!;
  };
  const first = await started(1);
  await clock.advance(1500);
  const second = await started(2);
  expect(pid()).toBe(first);
  endProcess(first);
  await gone(first);
  await clock.advance(20);
  expect(pid()).toBe(second);
  await until('it is told', () => readFileSync(join(dataDir, 'called'), 'utf8') === 'serve\n');

  await clock.advance(1500);
  const third = await started(3);
  stop.abort();
  await ended;
  await gone(third);
  expect(isRunning(second)).toBe(true);
});

it('an ingress that ends as soon as it starts is started twice a second, no more', async () => {
  const clock = await supervise('true');
  const first = pid();
  await gone(first);
  await clock.advance(480);
  expect(pid()).toBe(first);
  await clock.advance(40);
  expect(pid()).not.toBe(first);
});
