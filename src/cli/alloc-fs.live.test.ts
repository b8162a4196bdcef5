import { afterEach, describe, expect, it } from 'vitest';
import { type FakeAgent, type Routes, startFakeAgent } from './testing/fake-agent.ts';
import { runWords } from './testing/run-words.ts';

const ID = 'aaaaaaaa-0000-0000-0000-000000000000';
const at = (verb: string) => `GET /v1/client/fs/${verb}/${ID}`;
const json = (value: unknown) => ({ text: JSON.stringify(value) });
const ModTime = '2026-11-20T16:15:32.123Z';
const file = { Name: 'out.log', IsDir: false, Size: 5000, FileMode: '-rw-r--r--', ModTime };
const folder = { Name: 'logs', IsDir: true, Size: 4096, FileMode: 'drwxr-xr-x', ModTime };

let agent: FakeAgent | undefined;

afterEach(async () => {
  await agent?.close();
  agent = undefined;
});

async function fs(words: readonly string[], routes: Routes) {
  agent = await startFakeAgent(routes);
  return runWords(['alloc', 'fs', ...words], { address: agent.address });
}

const frame = (Offset: number, text: string, FileEvent?: string) =>
  JSON.stringify({ File: 'a', Offset, Data: Buffer.from(text).toString('base64'), FileEvent });

describe('alloc fs', () => {
  const folders = { [at('stat')]: json(folder), [at('ls')]: json([folder, file]) };
  const files = {
    [at('stat')]: json({ ...file, ContentType: 'text/plain; charset=utf-8' }),
    [at('stream')]: ({ searchParams: query }: URL) => ({
      text: query.get('origin') === 'end' ? 'b\nc\n'.slice(-Number(query.get('offset'))) : 'a\nb\nc\n',
    }),
  };

  it('lists a folder', async () => {
    expect((await fs([ID], folders)).out).toBe(
      [
        'Mode        Size  Modified Time         Name',
        'drwxr-xr-x  4096  2026-11-20T16:15:32Z  logs/',
        '-rw-r--r--  5000  2026-11-20T16:15:32Z  out.log',
        '',
      ].join('\n'),
    );
  });

  it('says sizes for people with -H', async () => {
    expect((await fs(['-H', ID, 'alloc'], folders)).out).toContain('-rw-r--r--  4.9 KiB  ');
  });

  it('shows no control characters that a task put into a name', async () => {
    const evil = { ...file, Name: 'a\x1b[2Jb\nc' };
    expect((await fs([ID], { ...folders, [at('ls')]: json([evil]) })).out.split('\n')[1]).toMatch(/ {2}ab c$/);
  });

  it('says with -stat what a file is', async () => {
    expect((await fs(['-stat', ID, 'out.log'], files)).out).toBe(
      [
        'Mode        Size  Modified Time         Content Type               Name',
        '-rw-r--r--  5000  2026-11-20T16:15:32Z  text/plain; charset=utf-8  out.log',
        '',
      ].join('\n'),
    );
  });

  it.each([
    [[], 'a\nb\nc\n'],
    [['-n', '1'], 'c\n'],
    [['-tail'], 'b\nc\n'],
    [['-c', '2'], 'c\n'],
  ])('prints a file with %j', async (flags, expected) => {
    expect(await fs([...flags, ID, 'out.log'], files)).toEqual({ status: 0, out: expected, err: '' });
  });

  it('has nothing to follow in a folder', async () => {
    const ran = await fs(['-f', ID, 'logs'], folders);
    expect(ran.err).toBe('"logs" is a folder: -f, -tail, -n and -c are for files.\n');
  });

  it('says why a file cannot be seen', async () => {
    const ran = await fs([ID, 'x'], { [at('stat')]: { status: 403, text: 'Path escapes the alloc directory: "x"' } });
    expect(ran).toEqual({
      status: 1,
      out: '',
      err: 'Error querying file: Unexpected response code: 403 (Path escapes the alloc directory: "x")\n',
    });
  });

  it('follows a file through truncation, replacement, and an agent that was away', async () => {
    const places: string[] = [];
    const answers = [
      `${frame(0, 'one\n')}{}${frame(4, 'two\n')}`,
      `${frame(8, '', 'file truncated')}${frame(0, 'new\n')}`,
      `${frame(4, '', 'file deleted')}${frame(0, 'last\n')}`,
    ];
    const states = ['running', 'running', 'complete'];
    const ran = await fs(['-f', ID, 'out.log'], {
      ...files,
      [at('stream')]: ({ searchParams: query }) => {
        places.push(`${query.get('origin')} ${query.get('offset')}`);
        return { text: answers.shift()! };
      },
      [`GET /v1/allocation/${ID}`]: () => json({ ClientStatus: states.shift() }),
    });
    expect(ran.out).toBe('one\ntwo\nnew\nlast\n');
    expect(ran.err).toBe('out.log: file truncated\nout.log: file deleted\n');
    expect(places).toEqual(['start 0', 'start 8', 'start 4']);
  });

  it('follows from the last lines', async () => {
    const ran = await fs(['-f', '-n', '1', ID, 'out.log'], {
      ...files,
      [at('stream')]: ({ searchParams: query }) => ({
        text: query.get('follow') === 'true' ? `${frame(2, 'b\nc\n')}${frame(6, 'd\n')}` : 'b\nc\n',
      }),
      [`GET /v1/allocation/${ID}`]: json({ ClientStatus: 'complete' }),
    });
    expect(ran.out).toBe('c\nd\n');
  });
});
