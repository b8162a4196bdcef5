import { describe, expect, it } from 'vitest';
import { ApiUnreachable } from '../api/api-errors.ts';
import type { ReadOptions } from '../api/requester.ts';
import type { Clock } from '../lib/clock.ts';
import type { CommandContext } from './command.ts';
import { watch } from './watch.ts';

/** Every delay is over at once, and has passed. */
function hastyClock(): Clock {
  let now = 0;
  return {
    nowMs: () => now,
    after(delayMs, fn) {
      now += delayMs;
      queueMicrotask(fn);
      return { cancel: () => undefined };
    },
  };
}

type Step = { readonly index: number; readonly data: string } | Error;

/** What a consumer sees of these answers, up to `end`, and what was asked. */
async function seenOf(steps: readonly Step[]): Promise<{ seen: string[]; asked: (number | undefined)[] }> {
  const asked: (number | undefined)[] = [];
  const seen: string[] = [];
  const left = [...steps];
  const read = async (options: ReadOptions) => {
    asked.push(options.index);
    const step = left.shift()!;
    if (step instanceof Error) throw step;
    return { ...step, text: '' };
  };
  const context = { clock: hastyClock(), signal: new AbortController().signal } as CommandContext;
  for await (const data of watch(context, read)) {
    seen.push(data);
    if (data === 'end') break;
  }
  return { seen, asked };
}

const gone = new ApiUnreachable('http://127.0.0.1:4646', 'connection refused');

describe('watching through blocking queries', () => {
  it('asks with the index it was given last, and passes on what is new only', async () => {
    const steps = [
      { index: 5, data: 'a' },
      { index: 5, data: 'a' },
      { index: 7, data: 'end' },
    ];
    expect(await seenOf(steps)).toEqual({ seen: ['a', 'end'], asked: [undefined, 5, 5] });
  });

  it('begins anew where the index went backwards', async () => {
    const steps = [
      { index: 50, data: 'a' },
      { index: 3, data: 'b' },
      { index: 3, data: 'end' },
    ];
    expect(await seenOf(steps)).toEqual({ seen: ['a', 'b', 'end'], asked: [undefined, 50, undefined] });
  });

  it('waits for an agent that is restarted meanwhile', async () => {
    const steps = [{ index: 5, data: 'a' }, gone, gone, { index: 6, data: 'end' }];
    expect((await seenOf(steps)).seen).toEqual(['a', 'end']);
  });

  it('gives up on one that stays away, and at once on one that was never there', async () => {
    await expect(seenOf([{ index: 5, data: 'a' }, ...Array<Step>(200).fill(gone)])).rejects.toBe(gone);
    await expect(seenOf([gone, { index: 6, data: 'end' }])).rejects.toBe(gone);
  });
});
