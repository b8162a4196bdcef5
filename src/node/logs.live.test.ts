import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sleep, systemClock } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import { lastOutput } from './last-output.ts';
import { currentLogFile, listLogFiles } from './log-files.ts';
import { type LogChunk, type LogRequest, readLogs } from './log-reader.ts';
import { LogRotator } from './log-rotation.ts';

let dir: string;
let child: ChildProcess | undefined;
let isOver = false;
let maxFiles = 100;
let maxFileBytes = 20_000;

const rotator = new LogRotator({
  clock: systemClock,
  log: silentLog,
  targets: () => [{ logsDir: dir, task: 'web', maxFiles, maxFileBytes }],
});

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'serin-logs-'));
  isOver = false;
  maxFiles = 100;
  maxFileBytes = 20_000;
});

afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

const names = () => listLogFiles(dir, 'web', 'stdout').map((file) => file.name);
const everything = () =>
  names()
    .map((name) => readFileSync(join(dir, name), 'latin1'))
    .join('');
const write = (number: number, text: string) => writeFileSync(join(dir, `web.stdout.${number}`), text);

function read(request: Partial<LogRequest>, signal = new AbortController().signal): AsyncIterable<LogChunk> {
  const whole: LogRequest = { task: 'web', type: 'stdout', offset: 0, origin: 'start', follow: false, ...request };
  return readLogs({ ...whole, logsDir: dir, rotator, isOver: () => isOver, clock: systemClock }, signal);
}

async function text(chunks: AsyncIterable<LogChunk>): Promise<string> {
  let all = '';
  for await (const chunk of chunks) all += chunk.Data.toString('latin1');
  return all;
}

/** Writes numbered lines to the newest file, as a task does: it opens it once, for appending. Answers how many. */
async function writeLinesUntil(isEnough: () => boolean | Promise<boolean>): Promise<number> {
  const fd = openSync(join(dir, 'web.stdout.0'), 'a');
  const stop = join(dir, 'stop');
  const script = `i=0; while [ ! -e "$1" ]; do echo "line $i"; i=$((i+1)); done; echo $i >"$1"`;
  child = spawn('/bin/sh', ['-c', script, 'sh', stop], { stdio: ['ignore', fd, 'inherit'] });
  const ended = once(child, 'exit');
  while (!(await isEnough())) await sleep(systemClock, 1);
  writeFileSync(stop, '');
  await ended;
  return Number(readFileSync(stop, 'utf8'));
}

const lines = (count: number) => Array.from({ length: count }, (_none, i) => `line ${i}\n`).join('');

describe('log rotation', () => {
  it('loses and doubles nothing of what a task writes meanwhile, and the task notices nothing', async () => {
    const count = await writeLinesUntil(async () => {
      await rotator.rotateDue();
      return names().length > 10;
    });
    await rotator.rotateDue();
    expect(everything()).toBe(lines(count));
  });

  it('keeps the newest max_files', async () => {
    maxFiles = 3;
    write(0, '');
    for (let i = 0; i < 6; i++) {
      appendFileSync(join(dir, names().at(-1)!), `${i}`.repeat(30_000));
      await rotator.rotateDue();
    }
    expect(names()).toEqual(['web.stdout.4', 'web.stdout.5', 'web.stdout.6']);
  });

  it('copies and truncates where less than a block is full', async () => {
    maxFileBytes = 10;
    write(0, 'more than ten');
    await rotator.rotateDue();
    appendFileSync(join(dir, 'web.stdout.1'), 'next');
    expect(names().map((name) => readFileSync(join(dir, name), 'utf8'))).toEqual(['more than ten', 'next']);
  });

  it('leaves small files alone', async () => {
    write(0, 'small');
    await rotator.rotateDue();
    expect(names()).toEqual(['web.stdout.0']);
  });
});

describe('what a task may put into the folder', () => {
  it('is not written through: the copy of a full file, or the file of the next start', async () => {
    const outside = `${dir}-outside`;
    writeFileSync(outside, 'precious');
    maxFileBytes = 10;
    write(0, 'more than ten');
    symlinkSync(outside, join(dir, 'web.stdout.0.copy'));
    mkdirSync(join(dir, 'web.stdout.1'));
    await rotator.rotateDue();
    expect(names().map((name) => readFileSync(join(dir, name), 'utf8'))).toEqual(['more than ten', '']);
    symlinkSync(outside, join(dir, 'web.stderr.0'));
    writeFileSync(currentLogFile(dir, 'web', 'stderr'), 'from the task');
    expect(readFileSync(outside, 'utf8')).toBe('precious');
    rmSync(outside);
  });
});

describe('reading logs', () => {
  beforeEach(() => {
    write(3, 'abc');
    write(4, 'defg');
    write(11, 'hi');
  });

  it.each<[string, Partial<LogRequest>, string]>([
    ['from the start, in the order of the numbers', {}, 'abcdefghi'],
    ['from an offset', { offset: 4 }, 'efghi'],
    ['from an offset at the end of a file', { offset: 3 }, 'defghi'],
    ['beyond the end', { offset: 100 }, ''],
    ['the last bytes', { origin: 'end', offset: 4 }, 'fghi'],
    ['more last bytes than there are', { origin: 'end', offset: 100 }, 'abcdefghi'],
    ['of the other stream, which has none', { type: 'stderr' }, ''],
  ])('%s', async (_name, request, expected) => {
    expect(await text(read(request))).toBe(expected);
  });

  it('says which file and where each piece is from', async () => {
    const chunks: LogChunk[] = [];
    for await (const chunk of read({ offset: 5 })) chunks.push(chunk);
    expect(chunks).toEqual([
      { File: 'web.stdout.4', Offset: 2, Data: Buffer.from('fg') },
      { File: 'web.stdout.11', Offset: 0, Data: Buffer.from('hi') },
    ]);
  });

  it.each<[string, () => void]>([
    ['a link to a file outside', () => symlinkSync('/etc/passwd', join(dir, 'web.stdout.12'))],
    ['a pipe that nobody writes to', () => void execFileSync('mkfifo', [join(dir, 'web.stdout.12')])],
    ['a folder', () => mkdirSync(join(dir, 'web.stdout.12'))],
  ])('passes over what a task put in place of a file: %s', async (_what, put) => {
    put();
    expect(await text(read({}))).toBe('abcdefghi');
    expect(lastOutput(dir, ['web'])).toEqual({ web: { Stdout: 'abcdefghi', Stderr: '' } });
  });

  it('reads nothing through a link that a task put in place of the folder', async () => {
    const other = `${dir}-other`;
    renameSync(dir, other);
    symlinkSync(other, dir);
    expect(await text(read({}))).toBe('');
    rmSync(dir);
    renameSync(other, dir);
  });

  it('follows until the allocation has ended', async () => {
    const reading = text(read({ follow: true, offset: 7 }));
    appendFileSync(join(dir, 'web.stdout.11'), ' there');
    await sleep(systemClock, 120);
    write(12, '!');
    isOver = true;
    expect(await reading).toBe('hi there!');
  });

  it('follows until the reader goes', async () => {
    const reader = new AbortController();
    let seen = '';
    for await (const { Data } of read({ follow: true }, reader.signal)) {
      seen += Data.toString('latin1');
      if (seen.length === 9) reader.abort();
    }
    expect(seen).toBe('abcdefghi');
  });
});

it('a reader that follows through rotations sees every byte once', async () => {
  maxFileBytes = 50_000;
  writeFileSync(join(dir, 'web.stdout.0'), '');
  const reading = text(read({ follow: true }));
  const count = await writeLinesUntil(async () => {
    await rotator.rotateDue();
    return names().length > 8;
  });
  isOver = true;
  expect(await reading).toBe(lines(count));
});
