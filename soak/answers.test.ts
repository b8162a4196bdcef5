import { expect, it } from 'vitest';
import { Answers } from './answers.ts';

it('says what the old version answered to requests that began after the new one had answered', async () => {
  const answers = new Answers();
  const sinceMs = answers.now();
  const answer = (version: string, latencyMs: number) =>
    answers.onResponse({ status: 200, version, latencyMs, endedMs: answers.now() });
  answer('v0', 0);
  answer('v1', 0);
  // It was sent to the old version before the flip, and took its time.
  answer('v0', 1000);
  expect(answers.strays('v0', 'v1', sinceMs)).toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 2));
  answer('v0', 0);
  expect(answers.strays('v0', 'v1', sinceMs)).toHaveLength(1);
  expect(answers.describe(answers.strays('v0', 'v1', sinceMs), 'v1', sinceMs)).toMatch(/: \d+\.\d \(0\.0\)$/);
  expect(answers.lingeredMs('v0', sinceMs)).toBeGreaterThan(1);
  expect(answers.lingeredMs('v2', sinceMs)).toBe(0);
});
