import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lastLinesOf, lastOutput } from './last-output.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'serin-output-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(dir, name), text);
const many = (count: number, width: number) =>
  Array.from({ length: count }, (_, at) => `${at}`.padStart(width, '.')).join('\n');

it.each([
  ['nothing', '', true, ''],
  ['the newline at the end is no line', 'one\ntwo\n', true, 'one\ntwo'],
  ['a last line without newline counts', 'one\ntwo', true, 'one\ntwo'],
  ['a first line that was cut off is left out', 'ne\ntwo\n', false, 'two'],
  ['one line that is all there is stays, though cut', 'ne', false, 'ne'],
])('%s', (_, written, isWhole, expected) => {
  expect(lastLinesOf(Buffer.from(written), isWhole)).toBe(expected);
});

it('keeps at most 20 lines', () => {
  expect(lastLinesOf(Buffer.from(many(30, 3)), true).split('\n')).toEqual(many(30, 3).split('\n').slice(-20));
});

it('keeps at most 2 kB, of whole lines', () => {
  const kept = lastLinesOf(Buffer.from(many(30, 200)), true);
  expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(2048);
  expect(kept.split('\n')).toEqual(many(30, 200).split('\n').slice(-10));
});

it('keeps the end of one endless line, and no half characters', () => {
  const kept = lastLinesOf(Buffer.from(`${'ü'.repeat(3000)}!`), true);
  expect(kept).toMatch(/^ü+!$/);
  expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(2048);
});

it('reads on in the file before when a rotation has just begun a new one', () => {
  write('web.stdout.3', 'older\n');
  write('web.stdout.4', 'newer\n');
  write('web.stdout.10', 'newest\n');
  write('web.stderr.0', '');
  write('other.stdout.0', 'of another task\n');
  expect(lastOutput(dir, ['web', 'silent'])).toEqual({ web: { Stdout: 'older\nnewer\nnewest', Stderr: '' } });
});

it('says nothing of what is gone', () => {
  expect(lastOutput(join(dir, 'gone'), ['web'])).toEqual({});
});
