import { expect, it } from 'vitest';
import { readLogFrames } from './log-frames.ts';

async function framesOf(...chunks: string[]): Promise<string[]> {
  const found: string[] = [];
  const body = (async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk);
  })();
  for await (const { file, offset, data } of readLogFrames(body)) found.push(`${file}@${offset}:${data}`);
  return found;
}

const frame = (File: string, Offset: number, text: string) =>
  JSON.stringify({ File, Offset, Data: Buffer.from(text).toString('base64') });

it('frames are read however the network cuts them; heartbeats are left out', async () => {
  const text = `${frame('a.stdout.0', 0, 'one\n')}{}${frame('a}{".stdout.1', 7, 'two\n')}`;
  const whole = ['a.stdout.0@0:one\n', 'a}{".stdout.1@7:two\n'];
  expect(await framesOf(text)).toEqual(whole);
  expect(await framesOf(...text)).toEqual(whole);
});

it('a frame that the end cuts off is not given', async () => {
  expect(await framesOf(frame('a.stdout.0', 0, 'one'), frame('a.stdout.0', 3, 'two').slice(0, -4))).toEqual([
    'a.stdout.0@0:one',
  ]);
});
