import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogEntries, type LogEntry, timeNanos } from './docker-log-frames.ts';
import { LogJournal, newRecord, readRecord, writeRecord } from './docker-log-journal.ts';

/** As an engine sends it. */
function frame({ stream, time, data }: { stream: string; time: string; data: string }): Buffer {
  const body = Buffer.from(`${time} ${data}`);
  const head = Buffer.alloc(8);
  head[0] = stream === 'stderr' ? 2 : 1;
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
}

const timeAt = (nanos: number) => `2026-11-20T22:26:21.${String(nanos).padStart(9, '0')}Z`;

describe('the engine\u2019s log', () => {
  it('is read in whatever pieces it comes', () => {
    const sent = [
      { stream: 'stdout', time: timeAt(1), data: 'a\n' },
      { stream: 'stderr', time: timeAt(2), data: 'b 2026-01-01T00:00:00Z c\n' },
      { stream: 'stdout', time: timeAt(3), data: 'no end' },
    ];
    const bytes = Buffer.concat(sent.map(frame));
    for (const size of [1, 7, 8, 50, 1000]) {
      const entries = new LogEntries(false);
      const got: LogEntry[] = [];
      for (let at = 0; at < bytes.length; at += size) got.push(...entries.push(bytes.subarray(at, at + size)));
      expect(got.map((entry) => ({ ...entry, data: entry.data.toString() }))).toEqual(sent);
    }
  });

  it('of a task with a terminal has lines and no frames', () => {
    const got = new LogEntries(true).push(Buffer.from(`${timeAt(1)} a\r\n${timeAt(2)} b\r\nunfinished`));
    expect(got.map(({ time, data }) => [time, data.toString()])).toEqual([
      [timeAt(1), 'a\r\n'],
      [timeAt(2), 'b\r\n'],
    ]);
  });

  it.each([
    ['2026-11-20T22:26:21.000000001Z', '2026-11-20T22:26:21.000000002Z'],
    ['2026-11-20T22:26:21.9Z', '2026-11-20T22:26:22Z'],
    ['2026-11-20T22:26:21+02:00', '2026-11-20T22:26:21Z'],
  ])('%s is before %s', (first, second) => {
    expect(timeNanos(first) < timeNanos(second)).toBe(true);
  });
});

describe('the copy of an output', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'serin-output-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const read = (stream: string) => readFileSync(join(dir, `web.${stream}.0`), 'utf8');
  const file = () => join(dir, 'record');

  function prepare(): void {
    for (const stream of ['stdout', 'stderr']) rmSync(join(dir, `web.${stream}.0`), { force: true });
    const paths = { stdoutPath: join(dir, 'web.stdout.0'), stderrPath: join(dir, 'web.stderr.0') };
    writeRecord(file(), newRecord(paths, false));
  }

  const line = fc.record({
    stream: fc.constantFrom<'stdout' | 'stderr'>('stdout', 'stderr'),
    step: fc.integer({ min: 0, max: 2 }),
    text: fc.string({ maxLength: 5 }),
  });
  const crash = fc.record({
    after: fc.integer({ min: 0, max: 30 }),
    batch: fc.integer({ min: 1, max: 7 }),
    torn: fc.boolean(),
  });

  it('has every byte once, in order, wherever agents were killed', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), fc.array(crash, { maxLength: 5 }), (lines, crashes) => {
        prepare();
        let nanos = 0;
        const log: LogEntry[] = lines.map(({ stream, step, text }) => {
          nanos += step;
          return { stream, time: timeAt(nanos), data: Buffer.from(`${text}\n`) };
        });
        for (const { after, batch, torn } of crashes) copyUntilKilled(log, after, batch, torn);
        copyUntilKilled(log, log.length, 3, false);
        for (const stream of ['stdout', 'stderr']) {
          const own = log.filter((entry) => entry.stream === stream);
          expect(read(stream)).toBe(own.map(({ data }) => data.toString()).join(''));
        }
      }),
      { numRuns: 150 },
    );
  });

  /** Killed once that many entries came; `torn`: between the bytes of the next batch and their record. */
  function copyUntilKilled(log: readonly LogEntry[], after: number, batch: number, torn: boolean): void {
    const journal = new LogJournal(file(), readRecord(file())!);
    for (let at = 0; at < after; at += batch) journal.append(log.slice(at, Math.min(after, at + batch)));
    journal.close();
    if (torn) for (const stream of ['stdout', 'stderr']) appendFileSync(join(dir, `web.${stream}.0`), 'half a bat');
  }

  it('goes on in the file that a rotation gave another number', () => {
    prepare();
    const entry = (nanos: number): LogEntry => ({
      stream: 'stdout',
      time: timeAt(nanos),
      data: Buffer.from(`${nanos}\n`),
    });
    const first = new LogJournal(file(), readRecord(file())!);
    first.append([entry(1)]);
    first.close();
    renameSync(join(dir, 'web.stdout.0'), join(dir, 'web.stdout.1'));
    const next = new LogJournal(file(), readRecord(file())!);
    next.append([entry(1), entry(2)]);
    next.close();
    expect(readFileSync(join(dir, 'web.stdout.1'), 'utf8')).toBe('1\n2\n');
  });
});
