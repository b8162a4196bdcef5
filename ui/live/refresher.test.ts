import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRefresher } from './refresher.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a refresher', () => {
  it('asks at once, once for many marks, and again at the end for what came meanwhile', async () => {
    const asked: string[] = [];
    const { mark } = createRefresher(async (key) => asked.push(String(key)), 400, Date.now);
    for (let at = 0; at < 50; at++) mark([['jobs'], ['nodes'], ['jobs']]);
    expect(asked).toEqual(['jobs', 'nodes']);
    await vi.advanceTimersByTimeAsync(399);
    expect(asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(2);
    expect(asked).toEqual(['jobs', 'nodes', 'jobs', 'nodes']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toHaveLength(4);
  });

  it('leaves time after an answer that took long, as much as it cost twice', async () => {
    let asked = 0;
    const slow = async () => {
      asked += 1;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    };
    const { mark } = createRefresher(slow, 400, Date.now);
    mark([['jobs']]);
    await vi.advanceTimersByTimeAsync(500);
    mark([['jobs']]);
    await vi.advanceTimersByTimeAsync(2_490);
    expect(asked).toBe(1);
    await vi.advanceTimersByTimeAsync(20);
    expect(asked).toBe(2);
  });

  it('goes on after a failure', async () => {
    const asked = vi.fn().mockRejectedValue(new Error('nobody answers'));
    const { mark } = createRefresher(asked, 400, Date.now);
    mark([['jobs']]);
    await vi.advanceTimersByTimeAsync(500);
    mark([['jobs']]);
    expect(asked).toHaveBeenCalledTimes(2);
  });
});
