import { describe, expect, it } from 'vitest';
import { lastLines } from './last-lines.ts';

async function* chunks(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

async function collect(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString();
}

describe('the last lines of an output', () => {
  it.each([
    [['a\nb\nc\n'], 2, 'b\nc\n'],
    [['a\nb\nc'], 2, 'b\nc'],
    [['a\nb', '\nc\n', 'd\n'], 1, 'd\n'],
    [['a\n'], 5, 'a\n'],
    [[], 5, ''],
  ])('%j, last %i', async (texts, count, text) => {
    expect(await collect(lastLines(chunks(...texts), count, 1000))).toBe(text);
  });

  it('passes on what follows once the end of the file was seen', async () => {
    expect(await collect(lastLines(chunks('a\nb\n', 'c\n', 'd\n'), 1, 4))).toBe('b\nc\nd\n');
  });
});
