import { describe, expect, it } from 'vitest';
import { lastLines, readLastLines } from './last-lines.ts';

async function* chunks(...texts: (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString();
}

/** Of a file that does not grow; counts how often it was read. */
function endOf(text: string) {
  const file = Buffer.from(text);
  const asked: number[] = [];
  const readEnd = async (bytes: number) => {
    asked.push(bytes);
    return chunks(file.subarray(Math.max(0, file.length - bytes)));
  };
  return { readEnd, asked };
}

describe('the last lines of a file', () => {
  it.each([
    ['a\nb\nc\n', 2, 'b\nc\n'],
    ['a\nb\nc', 2, 'b\nc'],
    ['a\n', 5, 'a\n'],
    ['', 5, ''],
    ['\n\n\n', 2, '\n\n'],
    ['a\nb\n', 0, ''],
  ])('%j, last %i', async (text, count, expected) => {
    expect((await readLastLines(endOf(text).readEnd, count)).text.toString()).toBe(expected);
  });

  it('are found however long they are', async () => {
    const line = `${'x'.repeat(50_000)}\n`;
    const { readEnd, asked } = endOf(line.repeat(5));
    expect((await readLastLines(readEnd, 3)).text.length).toBe(3 * line.length);
    expect(asked.length).toBeLessThan(6);
  });
});

describe('the last lines of a stream', () => {
  it('come with what follows, once the end of the file was seen', async () => {
    expect(await collect(lastLines(chunks('a\nb\n', 'c\n', 'd\n'), 1, 4))).toBe('b\nc\nd\n');
  });

  it('are held back until the end of the file was seen', async () => {
    expect(await collect(lastLines(chunks('a\n', 'b\n', 'c\n', 'd\n'), 1, 6))).toBe('c\nd\n');
  });

  it('of an empty file are all that comes', async () => {
    expect(await collect(lastLines(chunks('a\nb\n', 'c\n'), 1, 0))).toBe('a\nb\nc\n');
  });

  it('that ends early are the last of what there was', async () => {
    expect(await collect(lastLines(chunks('a\nb\n'), 1, 100))).toBe('b\n');
  });
});
