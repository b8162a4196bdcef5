/** What every command has in common: finding it, its help, and what is said when something is wrong. */
import { describe, expect, it } from 'vitest';
import { COMMANDS } from './command-table.ts';
import { runWords } from './testing/run-words.ts';

describe('help', () => {
  it('of the program names every command', async () => {
    const ran = await runWords(['-help']);
    expect(ran.status).toBe(0);
    for (const { words } of COMMANDS) expect(ran.out).toContain(words.split(' ').at(-1));
    expect(ran.out).toContain('agent');
  });

  it('is what is said when there are no words', async () => {
    const ran = await runWords([]);
    expect(ran).toMatchObject({ status: 127, out: '' });
    expect(ran.err).toContain('Usage: serin <command>');
  });

  it.each(COMMANDS.map((spec) => [spec.words, spec] as const))(
    'of %s names its flags, and its example runs',
    async (_, spec) => {
      for (const help of ['-help', '--help', '-h']) {
        const ran = await runWords([...spec.words.split(' '), help]);
        expect(ran.status).toBe(0);
        expect(ran.out).toContain(`Usage: serin ${spec.words} [options]`);
        for (const flag of spec.flags) expect(ran.out).toContain(`-${flag.name}`);
      }
      const words = spec.example!.split(' ').slice(1);
      if (spec.words === 'job init') return;
      const environment = { MARATHON_URL: 'http://127.0.0.1:1' };
      const ran = await runWords([...words, '-address', 'http://127.0.0.1:1'], { environment });
      expect(ran.err).toMatch(
        /^(no agent answers|Error getting jobfile|Error getting job struct|Can't read from resource|$)/,
      );
    },
  );

  it('of a group lists its commands', async () => {
    expect((await runWords(['deployment', '-help'])).out).toContain('Usage: serin deployment <command>');
    expect((await runWords(['help', 'job', 'plan'])).out).toContain('Usage: serin job plan [options] <path>');
  });

  it('no flag of a peer is missing where we have the command', async () => {
    const { readFileSync } = await import('node:fs');
    const url = new URL('../../testdata/cli/peer-flags.json', import.meta.url);
    const peer = JSON.parse(readFileSync(url, 'utf8')) as Record<string, string[]>;
    const missing = COMMANDS.flatMap((spec) =>
      (peer[spec.words] ?? [])
        .filter((name) => !spec.flags.some((flag) => flag.name === name))
        .map((name) => `${spec.words} -${name}`),
    );
    expect(missing).toEqual([
      // What they switch does not exist here: Consul, Vault, Sentinel, Connect.
      'job run -consul-namespace',
      'job run -consul-token',
      'job run -policy-override',
      'job run -vault-namespace',
      'job run -vault-token',
      'job plan -policy-override',
      'job revert -consul-token',
      'job revert -vault-token',
      'job init -connect',
    ]);
  });
});

describe('what is wrong', () => {
  it.each<[string[], number, string]>([
    [['jbo', 'status'], 127, 'There is no command "jbo". Did you mean "job"? See \'serin -help\'.'],
    [['statsu'], 127, 'There is no command "statsu". Did you mean "status"? See \'serin -help\'.'],
    [['xyzzy'], 127, 'There is no command "xyzzy". See \'serin -help\'.'],
    [['job', 'plna'], 127, 'There is no command "job plna". Did you mean "job plan"? See \'serin job -help\'.'],
    [['run'], 1, "This command takes one argument: <path>\nFor additional help try 'serin job run -help'"],
    [['run', 'a', 'b'], 1, "This command takes one argument: <path>\nFor additional help try 'serin job run -help'"],
    [['plan'], 255, "This command takes one argument: <path>\nFor additional help try 'serin job plan -help'"],
    [
      ['status', 'a', 'b'],
      1,
      "This command takes either no arguments or one: <identifier>\nFor additional help try 'serin status -help'",
    ],
    [['eval', 'list', 'a'], 1, "This command takes no arguments\nFor additional help try 'serin eval list -help'"],
    [
      ['alloc', 'logs'],
      1,
      "This command takes one or two arguments: <allocation> [<task>]\nFor additional help try 'serin alloc logs -help'",
    ],
    [
      ['run', '-detatch', 'x'],
      1,
      "There is no flag -detatch. Did you mean -detach?\nFor additional help try 'serin job run -help'",
    ],
    [
      ['run', '--check-indx=7', 'x'],
      1,
      "There is no flag -check-indx. Did you mean -check-index?\nFor additional help try 'serin job run -help'",
    ],
    [['run', '-check-index'], 1, "The flag -check-index needs a value.\nFor additional help try 'serin job run -help'"],
    [['alloc', 'status', '0'], 1, 'Identifier must contain at least two characters.'],
    [
      ['status', '-address', 'http://['],
      1,
      '-address "http://[" is no address of an agent; write it as http://127.0.0.1:4646',
    ],
  ])('%j leaves with %i and one sentence', async (words, status, sentence) => {
    expect(await runWords(words)).toEqual({ status, out: '', err: `${sentence}\n` });
  });

  it('an agent that is not there is named, with what to do', async () => {
    const ran = await runWords(['status'], { environment: { SERIN_ADDR: '127.0.0.1:1' } });
    expect(ran).toEqual({
      status: 1,
      out: '',
      err: 'no agent answers at http://127.0.0.1:1 (connection refused). Is `serin agent -dev` running? Set -address or NOMAD_ADDR.\n',
    });
  });
});

describe('the rest', () => {
  it('the version', async () => {
    for (const word of ['version', '-version', '-v']) expect((await runWords([word])).out).toBe('Serin v0.1.0\n');
  });

  it('an agent’s words go to the agent as they are', async () => {
    expect((await runWords(['agent', '-dev', '-data-dir=x'])).out).toBe('agent -dev -data-dir=x\n');
  });
});
