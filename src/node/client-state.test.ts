import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../lib/log.ts';
import { ClientState, type SavedAlloc } from './client-state.ts';
import { sampleAlloc, sampleJob } from './testing/samples.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'serin-client-state-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const saved = (id: string, description = ''): SavedAlloc => ({
  alloc: sampleAlloc(id, { ClientDescription: description }),
  tasks: {},
  checks: {},
  health: null,
});
const journal = () => join(dir, 'allocs.journal');
const loaded = () =>
  new ClientState(dir, silentLog).load().map(({ saved: { alloc } }) => [alloc.ID, alloc.ClientDescription]);

describe('client state', () => {
  it('gives back the newest of each allocation, with its job', () => {
    const state = new ClientState(dir, silentLog);
    state.save(saved('a1', 'old'), sampleJob());
    state.save(saved('a2'), sampleJob(undefined, { Version: 3 }));
    state.save(saved('a1', 'new'), sampleJob());
    state.save(saved('a3'), sampleJob());
    state.remove('a3');
    expect(loaded()).toEqual([
      ['a1', 'new'],
      ['a2', ''],
    ]);
    expect(new ClientState(dir, silentLog).load().map(({ job }) => job.Version)).toEqual([0, 3]);
  });

  it('survives a line that was cut off anywhere', () => {
    const state = new ClientState(dir, silentLog);
    state.save(saved('a1', 'whole'), sampleJob());
    const whole = statSync(journal()).size;
    state.save(saved('a1', 'cut off'), sampleJob());
    truncateSync(journal(), statSync(journal()).size - 7);
    expect(statSync(journal()).size).toBeGreaterThan(whole);
    expect(loaded()).toEqual([['a1', 'whole']]);
    const next = new ClientState(dir, silentLog);
    next.save(saved('a2'), sampleJob());
    expect(loaded().map(([id]) => id)).toEqual(['a1', 'a2']);
  });

  it('reads on behind a damaged line', () => {
    const state = new ClientState(dir, silentLog);
    state.save(saved('a1'), sampleJob());
    appendFileSync(journal(), 'not json\n');
    state.save(saved('a2'), sampleJob());
    expect(loaded().map(([id]) => id)).toEqual(['a1', 'a2']);
  });

  it('refuses a journal of a newer version in one sentence, and leaves it alone', () => {
    writeFileSync(journal(), '{"format":2}\n');
    expect(() => new ClientState(dir, silentLog)).toThrow(/has format 2, this version reads 1/);
    expect(readFileSync(journal(), 'utf8')).toBe('{"format":2}\n');
  });

  it('does not grow for ever', () => {
    const state = new ClientState(dir, silentLog);
    const large = saved('a1', 'x'.repeat(100_000));
    for (let i = 0; i < 200; i++) state.save(large, sampleJob());
    expect(statSync(journal()).size).toBeLessThan(5 * 1024 * 1024);
    expect(loaded()).toHaveLength(1);
  });

  describe('on a disk that is full', () => {
    /** Takes so many bytes, and then nothing until there is room again. */
    const disk = (bytes: number) => {
      const full = { bytes };
      const write = (fd: number, data: Buffer, offset: number) => {
        const some = data.subarray(offset, offset + full.bytes);
        if (some.length === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'));
        full.bytes -= some.length;
        return writeSync(fd, some);
      };
      return { full, write };
    };

    it('says so in one sentence, forgets nothing, and goes on once there is room', () => {
      const { full, write } = disk(1_000_000);
      const state = new ClientState(dir, silentLog, write);
      state.save(saved('a1', 'before'), sampleJob());
      full.bytes = 20;
      expect(() => state.save(saved('a1', 'lost'), sampleJob())).toThrow(
        /allocs\.journal cannot be written: ENOSPC: no space left on device, write; free some space/,
      );
      expect(() => state.save(saved('a2'), sampleJob(undefined, { Version: 3 }))).toThrow(/ENOSPC/);
      state.remove('a3');
      expect(loaded()).toEqual([['a1', 'before']]);
      full.bytes = 1_000_000;
      const next = new ClientState(dir, silentLog, write);
      next.save(saved('a2'), sampleJob(undefined, { Version: 3 }));
      expect(loaded().map(([id]) => id)).toEqual(['a1', 'a2']);
    });

    it('writes a job that could not be written with the next allocation of it', () => {
      const { full, write } = disk(0);
      const state = new ClientState(dir, silentLog, write);
      expect(() => state.save(saved('a1'), sampleJob())).toThrow();
      full.bytes = 1_000_000;
      state.save(saved('a1'), sampleJob());
      expect(loaded()).toEqual([['a1', '']]);
    });

    it('says it once in the log, and once that it is over', () => {
      const said: string[] = [];
      const note = (_data: object, message: string) => void said.push(message);
      const { full, write } = disk(0);
      const state = new ClientState(dir, { ...silentLog, error: note, info: note }, write);
      for (let i = 0; i < 3; i++) expect(() => state.save(saved('a1'), sampleJob())).toThrow();
      full.bytes = 1_000_000;
      for (let i = 0; i < 3; i++) state.save(saved('a1'), sampleJob());
      expect(said).toEqual([expect.stringContaining('ENOSPC'), 'the journal of the node can be written again']);
    });
  });

  it('keeps an identity', () => {
    expect(new ClientState(dir, silentLog).identity('client-id', () => 'first')).toBe('first');
    expect(new ClientState(dir, silentLog).identity('client-id', () => 'second')).toBe('first');
  });
});
