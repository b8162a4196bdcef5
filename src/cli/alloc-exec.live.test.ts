/** `alloc exec` from its words to its exit status: this end of the conversation, in pipes and in a real terminal. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from '@lydell/node-pty';
import { build } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { echoCommand } from '../drivers/mock-attach.ts';
import { eventually } from '../drivers/testing/eventually.ts';
import type { ExecOptions } from '../http/deps.ts';
import { fakeNode, goldenAlloc, seed, type TestApi, testApi } from '../http/fixture.ts';
import { SerinError } from '../lib/errors.ts';
import { runWords } from './testing/run-words.ts';

const ID = goldenAlloc().ID;
const asked: unknown[][] = [];
const ran: ExecOptions[] = [];
let api: TestApi;
let address = '';

beforeAll(async () => {
  const node = {
    ...fakeNode(asked, []),
    exec: async (_allocId: string, options: ExecOptions) => {
      ran.push(options);
      const [command, ...args] = options.command;
      if (command === 'refused') throw new SerinError('refused', 'Task not running: "server" is dead');
      const request = { id: 'x', command, args, env: {}, user: '', taskDir: '', allocDir: '', tty: options.tty };
      return echoCommand(request, 7, options.signal);
    },
  };
  api = await testApi({ node });
  await seed(api.state);
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  address = `http://127.0.0.1:${(api.app.server.address() as { port: number }).port}`;
});
afterAll(() => api.app.close());

const exec = (words: string, input = '') => runWords(['alloc', 'exec', ...words.split(' ')], { address, input });

describe('alloc exec in pipes', () => {
  it("passes input on and answers output and the command's own exit status, its flags included", async () => {
    expect(await exec(`${ID.slice(0, 8)} cat -u -h`, 'hello')).toEqual({
      status: 7,
      out: 'cat -u -h\nhello',
      err: '',
    });
    expect(ran.at(-1)).toMatchObject({ task: 'server', command: ['cat', '-u', '-h'], tty: false });
  });

  it('passes none on with -i=false, and takes the task by its name', async () => {
    expect(await exec(`-i=false -task server ${ID} -- cat`, 'hello')).toMatchObject({ status: 7, out: 'cat\n' });
  });

  it.each([
    [`-e xx ${ID} ls`, /-e requires 'none' or a single character/],
    [`-t -i=false ${ID} ls`, /-i must be enabled if running with tty/],
    [ID, /takes at least two arguments/],
    [`${ID} --`, /Name a command/],
    [`${ID} refused`, /failed to exec into task: Task not running: "server" is dead/],
    ['zzzz ls', /No allocation\(s\) with prefix or id "zzzz" found: an id has only digits, a to f and "-"/],
    ['ffffffff ls', /No allocation\(s\) with prefix or id "ffffffff" found/],
  ])('says in one sentence what is wrong with "%s"', async (words, sentence) => {
    const { status, out, err } = await exec(words);
    expect([status, out, err]).toEqual([1, '', expect.stringMatching(sentence)]);
  });
});

describe('alloc exec in a terminal', () => {
  let dir = '';
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'serin-exec-cli-'));
    const input = fileURLToPath(new URL('./testing/cli-entry.ts', import.meta.url));
    await build({ input, platform: 'node', output: { dir, format: 'esm' }, logLevel: 'silent' });
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  function inTerminal(words: readonly string[]) {
    // It waits for a line at the end: what a terminal still holds when its last process exits may be lost.
    const script =
      'before=$(stty -g); "$@"; echo "status $?"; [ "$(stty -g)" = "$before" ] && echo restored || echo changed; read -r _';
    const program = [process.execPath, join(dir, 'cli-entry.js'), 'alloc', 'exec', ...words];
    const env = { PATH: process.env.PATH, NOMAD_ADDR: address };
    const pty = spawn('/bin/sh', ['-c', script, 'sh', ...program], { cols: 90, rows: 33, env });
    let seen = '';
    pty.onData((data) => {
      seen += data;
    });
    const ended = async () => {
      await eventually(() => /(restored|changed)\r\n$/.test(seen));
      pty.write('\r');
      return seen;
    };
    return { pty, ended, until: (text: string) => eventually(() => seen.includes(text)) };
  }

  it('is raw, tells each size, leaves by the escape key, and gives the terminal back as it was', async () => {
    const { pty, ended, until } = inTerminal([ID, 'sh']);
    await until('33 90');
    pty.resize(101, 31);
    await until('31 101');
    // Keys are what the command gets, an interrupt too.
    pty.write('typed\x03\r');
    await until('typed\x03');
    pty.write('~.');
    expect(await ended()).toMatch(/status 129\r\nrestored\r\n$/);
    expect(ran.at(-1)?.tty).toBe(true);
    await eventually(() => ran.at(-1)?.signal.aborted === true);
  });

  it('gives it back when it is ended by a signal', async () => {
    const { pty, ended, until } = inTerminal([ID, 'sh']);
    await until('33 90');
    const child = readFileSync(`/proc/${pty.pid}/task/${pty.pid}/children`, 'utf8').trim();
    process.kill(Number(child), 'SIGTERM');
    expect(await ended()).toMatch(/status 143\r\nrestored\r\n$/);
  });
});

describe('alloc signal and alloc restart', () => {
  it.each<[string, unknown[]]>([
    [`signal -s SIGHUP ${ID}`, ['signal', ID, 'SIGHUP']],
    [`signal ${ID} server`, ['signal', ID, 'SIGKILL', 'server']],
    [`signal -task server ${ID}`, ['signal', ID, 'SIGKILL', 'server']],
    [`restart -task server ${ID}`, ['restart', ID, 'server']],
    [`restart -all-tasks ${ID}`, ['restartAll', ID]],
  ])('alloc %s', async (words, expected) => {
    asked.length = 0;
    const { status } = await runWords(['alloc', ...words.split(' ')], { address });
    expect([status, asked]).toEqual([0, [expected]]);
  });

  it.each([
    [`signal -task a ${ID} b`, 'Name the task once'],
    [`restart -all-tasks ${ID} server`, 'Either -all-tasks or the task "server"'],
  ])('alloc %s is refused', async (words, sentence) => {
    const { status, err } = await runWords(['alloc', ...words.split(' ')], { address });
    expect([status, err]).toEqual([1, expect.stringContaining(sentence)]);
  });
});
