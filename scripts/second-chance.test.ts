import { describe, expect, it } from 'vitest';
import { filesToRunAgain, MOST_FILES, outcomeOf } from './second-chance.js';

type State = 'passed' | 'failed' | 'skipped';

const file = (name: string, tests: Record<string, State>, extra: { name: string; line: string }[] = []) => ({
  file: name,
  tests: Object.entries(tests).map(([test, state]) => ({ name: test, state })),
  failures: [
    ...Object.entries(tests)
      .filter(([, state]) => state === 'failed')
      .map(([test]) => ({ name: test, line: `${test} broke` })),
    ...extra,
  ],
});
const report = (...files: ReturnType<typeof file>[]) => ({ files, strays: [] as string[] });
const hook = { name: 'a group', line: 'its beforeAll broke' };

describe('a live file that fails', () => {
  const first = report(
    file('a', { one: 'passed', two: 'failed' }),
    file('b', { three: 'passed', four: 'skipped' }),
    file('c', { five: 'skipped' }, [hook]),
  );

  it('is run again alone, whether a test, a hook or the file itself broke', () => {
    expect(filesToRunAgain(first)).toEqual(['a', 'c']);
  });

  it('has passed when it passes then, and is named with what it said first', () => {
    const again = report(file('a', { one: 'passed', two: 'passed' }), file('c', { five: 'passed' }));
    expect(outcomeOf(first, again)).toEqual({
      passed: 4,
      failed: 0,
      skipped: 1,
      lines: ['passed only alone: a: two: two broke', 'passed only alone: c: a group: its beforeAll broke'],
    });
  });

  it('has failed when anything in it fails again, even a test that had passed', () => {
    const again = report(file('a', { one: 'failed', two: 'passed' }), file('c', { five: 'skipped' }, [hook]));
    expect(outcomeOf(first, again)).toEqual({ passed: 2, failed: 2, skipped: 2, lines: [] });
  });

  it('has failed when the second run skips the test, or never comes to the file', () => {
    expect(outcomeOf(report(first.files[0]!), report(file('a', { one: 'passed', two: 'skipped' }))).failed).toBe(1);
    expect(outcomeOf(report(first.files[0]!), report(file('a', { one: 'passed' }))).failed).toBe(1);
    expect(outcomeOf(first, report())).toEqual({ passed: 2, failed: 2, skipped: 2, lines: [] });
  });

  it('has no second chance among many', () => {
    const many = report(...Array.from({ length: MOST_FILES + 1 }, (_, n) => file(`f${n}`, { t: 'failed' })));
    expect(filesToRunAgain(many)).toEqual([]);
    expect(outcomeOf(many)).toEqual({ passed: 0, failed: MOST_FILES + 1, skipped: 0, lines: [] });
  });
});

it('an error that belongs to no file is a failure, in either run', () => {
  const green = report(file('a', { one: 'passed' }));
  expect(outcomeOf({ ...green, strays: ['boom'] }).failed).toBe(1);
  expect(outcomeOf(green, { files: [], strays: ['boom'] }).failed).toBe(1);
  expect(outcomeOf(green)).toEqual({ passed: 1, failed: 0, skipped: 0, lines: [] });
});
