import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import { type ErrorCode, SerinError } from '../lib/errors.ts';
import { AllocFiles } from './alloc-files.ts';
import type { FileChunk, FileRequest } from './file-follower.ts';

let top: string;
let root: string;
let isOver: boolean;
let files: AllocFiles;
const inRoot = (path: string) => join(root, path);

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'serin-files-'));
  root = join(top, 'alloc-1');
  isOver = false;
  for (const folder of ['alloc/logs', 'web/local/deep', 'web/secrets', 'db/secrets']) {
    mkdirSync(inRoot(folder), { recursive: true });
  }
  writeFileSync(inRoot('web/local/hello.txt'), 'hello\n');
  writeFileSync(inRoot('web/secrets/key'), 'secret\n');
  writeFileSync(join(top, 'outside'), 'outside\n');
  files = new AllocFiles({ root, tasks: ['web', 'db'], isOver: () => isOver, clock: systemClock });
});

afterEach(() => rmSync(top, { recursive: true, force: true }));

const never = new AbortController().signal;
const whole = (path: string): FileRequest => ({ path, offset: 0, origin: 'start', follow: false });

async function textOf(request: FileRequest): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const { Data } of files.read(request, never)) chunks.push(Data);
  return Buffer.concat(chunks).toString();
}

async function refusal(work: Promise<unknown>): Promise<ErrorCode | 'none'> {
  try {
    await work;
    return 'none';
  } catch (error) {
    if (error instanceof SerinError) return error.code;
    throw error;
  }
}

const openFiles = () => readdirSync('/proc/self/fd').length;

describe('the folder of an allocation', () => {
  it('is listed by name, with links as links', async () => {
    symlinkSync('hello.txt', inRoot('web/local/a-link'));
    const infos = await files.list('web/local');
    expect(infos.map(({ Name, IsDir, Size }) => [Name, IsDir, Size > 0])).toEqual([
      ['a-link', false, true],
      ['deep', true, true],
      ['hello.txt', false, true],
    ]);
    expect(infos.map(({ FileMode }) => FileMode[0])).toEqual(['L', 'd', '-']);
    expect(Date.parse(infos[2]?.ModTime ?? '')).toBeGreaterThan(0);
  });

  it.each(['', '/', '.', '//', './/.'])('is meant by %j', async (path) => {
    expect((await files.list(path)).map(({ Name }) => Name)).toEqual(['alloc', 'db', 'web']);
  });

  it('says of a single file what it seems to hold', async () => {
    expect(await files.stat('/web/local/hello.txt')).toMatchObject({
      Name: 'hello.txt',
      IsDir: false,
      Size: 6,
      ContentType: 'text/plain; charset=utf-8',
    });
    writeFileSync(inRoot('web/local/binary'), Buffer.from([1, 0, 255]));
    expect((await files.stat('web/local/binary')).ContentType).toBe('application/octet-stream');
    expect((await files.stat('/')).Name).toBe('/');
  });

  it('spells modes as Go does', async () => {
    execFileSync('chmod', ['4755', inRoot('web/local/hello.txt')]);
    execFileSync('chmod', ['1777', inRoot('web/local/deep')]);
    expect((await files.stat('web/local/hello.txt')).FileMode).toBe('urwxr-xr-x');
    expect((await files.stat('web/local/deep')).FileMode).toBe('dtrwxrwxrwx');
  });

  it('holds names that are no UTF-8', async () => {
    writeFileSync(Buffer.concat([Buffer.from(inRoot('web/local/deep/')), Buffer.from([0xff, 0xfe])]), 'x');
    expect(await files.list('web/local/deep')).toMatchObject([{ Size: 1 }]);
  });

  it('that was removed says so', async () => {
    rmSync(root, { recursive: true });
    expect(await refusal(files.list('/'))).toBe('notFound');
  });
});

describe('a path', () => {
  const wrong: readonly (readonly [string, ErrorCode])[] = [
    ['..', 'forbidden'],
    ['../outside', 'forbidden'],
    ['web/../../outside', 'forbidden'],
    ['/../../../../etc/passwd', 'forbidden'],
    ['nothing', 'notFound'],
    ['web/local/hello.txt/more', 'notFound'],
    ['web/local', 'badRequest'],
    ['web\0/local', 'badRequest'],
    [`web/${'x'.repeat(300)}`, 'badRequest'],
    ['web/local/'.repeat(3000), 'notFound'],
    ['web/../'.repeat(3000), 'badRequest'],
    ['web/secrets/key', 'forbidden'],
    ['web/local/../secrets/key', 'forbidden'],
    ['db/secrets', 'forbidden'],
  ];
  it.each(wrong)('%# is refused', async (path, code) => {
    expect(await refusal(textOf(whole(path)))).toBe(code);
  });

  it('may go up within the folder', async () => {
    expect(await textOf(whole('web/local/deep/../../local/hello.txt'))).toBe('hello\n');
  });
});

describe('a link that a task made', () => {
  const target = (to: string) => {
    symlinkSync(to, inRoot('web/local/link'));
    return 'web/local/link';
  };

  it.each([
    ['/etc/passwd'],
    ['../../../outside'],
    ['/proc/self/root/etc/passwd'],
    ['/proc/self/environ'],
    ['/dev/zero'],
    ['../secrets/key'],
    ['../../db/secrets'],
  ])('to %s is not followed', async (to) => {
    const link = target(to);
    expect(await refusal(textOf(whole(link)))).toBe('forbidden');
    expect(await refusal(files.stat(link))).toBe('forbidden');
    expect(await refusal(files.list(link))).toBe('forbidden');
  });

  it('to a folder outside opens nothing below it', async () => {
    expect(await refusal(textOf(whole(`${target('/etc')}/passwd`)))).toBe('forbidden');
  });

  it('to the folder of another allocation with a name like ours is refused', async () => {
    mkdirSync(join(top, 'alloc-12'));
    writeFileSync(join(top, 'alloc-12', 'file'), 'theirs');
    expect(await refusal(textOf(whole(target(join(top, 'alloc-12', 'file')))))).toBe('forbidden');
  });

  it.each([['hello.txt'], ['./deep/../hello.txt'], ['../../web/local/hello.txt']])(
    'to %s, inside, is followed',
    async (to) => {
      expect(await textOf(whole(target(to)))).toBe('hello\n');
    },
  );

  it('to a whole path inside is followed', async () => {
    expect(await textOf(whole(target(inRoot('web/local/hello.txt'))))).toBe('hello\n');
  });

  it('to itself ends in a sentence', async () => {
    expect(await refusal(textOf(whole(target('link'))))).toBe('badRequest');
  });

  it('never shows what is outside, however fast it changes places with a folder', async () => {
    mkdirSync(join(top, 'elsewhere'));
    writeFileSync(join(top, 'elsewhere', 'hello.txt'), 'outside\n');
    const [folder, link] = [inRoot('web/swap'), inRoot('web/link')];
    mkdirSync(folder);
    writeFileSync(join(folder, 'hello.txt'), 'hello\n');
    symlinkSync(join(top, 'elsewhere'), link);
    const seen = new Set<string>();
    const look = async () => seen.add(await textOf(whole('web/swap/hello.txt')).catch((error) => error.code as string));
    for (let round = 0; round < 300; round++) {
      const looking = Promise.all([look(), look()]);
      for (let turn = 0; turn < 4; turn++) {
        renameSync(folder, inRoot('web/kept'));
        renameSync(link, folder);
        await new Promise((resolve) => setImmediate(resolve));
        renameSync(folder, link);
        renameSync(inRoot('web/kept'), folder);
      }
      await looking;
    }
    expect(seen).not.toContain('outside\n');
    expect(seen).toContain('hello\n');
  });
});

describe('what is no file', () => {
  it('is refused at once: a pipe that nobody writes to', async () => {
    execFileSync('mkfifo', [inRoot('web/pipe')]);
    expect(await refusal(textOf(whole('web/pipe')))).toBe('badRequest');
    expect((await files.stat('web/pipe')).FileMode[0]).toBe('p');
  });

  it('is refused at once: a socket', async () => {
    const server = await new Promise<Server>((resolve) => {
      const made = createServer().listen(inRoot('web/socket'), () => resolve(made));
    });
    expect(await refusal(textOf(whole('web/socket')))).toBe('badRequest');
    expect((await files.stat('web/socket')).FileMode[0]).toBe('S');
    server.close();
  });
});

describe('reading', () => {
  it.each([
    [{ offset: 2 }, '23456789'],
    [{ offset: 2, limit: 3 }, '234'],
    [{ offset: 3, origin: 'end' }, '789'],
    [{ offset: 99, origin: 'end' }, '0123456789'],
    [{ offset: 99 }, ''],
    [{ offset: 0, limit: 0 }, ''],
  ] as const)('takes %j', async (changes, expected) => {
    writeFileSync(inRoot('web/local/digits'), '0123456789');
    expect(await textOf({ ...whole('web/local/digits'), ...changes })).toBe(expected);
  });

  it('of a sparse gigabyte keeps no more than a piece of it', async () => {
    writeFileSync(inRoot('web/local/huge'), '');
    truncateSync(inRoot('web/local/huge'), 2 ** 30);
    const before = process.memoryUsage().rss;
    let bytes = 0;
    const reading = files.read(whole('web/local/huge'), never);
    for await (const { Data } of reading) {
      bytes += Data.length;
      // A quarter of it is enough.
      if (bytes >= 2 ** 28) break;
    }
    expect(bytes).toBe(2 ** 28);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 2 ** 20);
  });

  it('leaves no file open, whether it ended, failed, or was left', async () => {
    await textOf(whole('web/local/hello.txt'));
    const before = openFiles();
    for (let round = 0; round < 20; round++) {
      await textOf(whole('web/local/deep/../hello.txt'));
      await refusal(textOf(whole('web/secrets/key')));
      await refusal(textOf(whole('web/../../x')));
      for await (const _chunk of files.read(whole('web/local/hello.txt'), never)) break;
      const gone = new AbortController();
      // Its first piece was taken, and then nobody came for the next, or for the end.
      await files.read({ ...whole('web/local/hello.txt'), follow: true }, gone.signal).next();
      gone.abort();
    }
    await expect.poll(openFiles).toBeLessThanOrEqual(before);
  });
});

describe('following', () => {
  const log = () => inRoot('alloc/logs/web.stdout.0');
  let gone: AbortController;
  let chunks: FileChunk[];
  let following: Promise<void>;

  const begin = (changes: Partial<FileRequest> = {}) => {
    gone = new AbortController();
    chunks = [];
    following = (async () => {
      const request = { ...whole('alloc/logs/web.stdout.0'), follow: true, ...changes };
      for await (const chunk of files.read(request, gone.signal)) chunks.push(chunk);
    })();
  };
  const seen = () => chunks.map(({ FileEvent, Data }) => FileEvent ?? Data.toString());
  const until = (expected: readonly string[]) => expect.poll(seen).toEqual(expected);

  beforeEach(() => writeFileSync(log(), 'one\n'));
  afterEach(async () => {
    gone.abort();
    await following;
  });

  it('goes on with what is written later, each piece with its place', async () => {
    begin();
    await until(['one\n']);
    appendFileSync(log(), 'two\n');
    await until(['one\n', 'two\n']);
    expect(chunks.map(({ Offset, File }) => [File, Offset])).toEqual([
      ['alloc/logs/web.stdout.0', 0],
      ['alloc/logs/web.stdout.0', 4],
    ]);
  });

  it('begins near the end where it is asked to', async () => {
    begin({ origin: 'end', offset: 2 });
    await until(['e\n']);
  });

  it('says that the file was cut short, and begins anew', async () => {
    begin();
    await until(['one\n']);
    writeFileSync(log(), 'x\n');
    await until(['one\n', 'file truncated', 'x\n']);
  });

  it('reads the rest of a file that was renamed, then the new one under its name', async () => {
    begin();
    await until(['one\n']);
    appendFileSync(log(), 'rest\n');
    renameSync(log(), `${log()}.old`);
    writeFileSync(log(), 'new\n');
    await until(['one\n', 'rest\n', 'file deleted', 'new\n']);
    expect(chunks.at(-1)?.Offset).toBe(0);
  });

  it('goes on in a copy that takes the place of the file, as where the output of a task is rotated', async () => {
    begin();
    await until(['one\n']);
    writeFileSync(`${log()}.copy`, 'one\ntwo\n');
    renameSync(log(), inRoot('alloc/logs/web.stdout.1'));
    truncateSync(inRoot('alloc/logs/web.stdout.1'), 0);
    renameSync(`${log()}.copy`, log());
    await expect.poll(() => seen().filter((each) => each !== 'file deleted')).toEqual(['one\n', 'two\n']);
  });

  it('waits for a file that was removed to come back', async () => {
    begin();
    await until(['one\n']);
    rmSync(log());
    await until(['one\n', 'file deleted']);
    writeFileSync(log(), 'again\n');
    await until(['one\n', 'file deleted', 'again\n']);
  });

  it('does not follow a link to outside that takes the place of the file', async () => {
    begin();
    await until(['one\n']);
    rmSync(log());
    symlinkSync(join(top, 'outside'), log());
    await until(['one\n', 'file deleted']);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(seen()).toEqual(['one\n', 'file deleted']);
  });

  it('ends when the allocation has, after the last byte', async () => {
    begin();
    await until(['one\n']);
    appendFileSync(log(), 'last\n');
    isOver = true;
    await following;
    expect(seen().join('')).toBe('one\nlast\n');
  });
});
