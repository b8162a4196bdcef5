import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parseStat } from './proc.ts';
import { type Launch, parseExit, parseStarted, quote, taskScript } from './shim.ts';

const STAT =
  '4242 (a ) (b) S 1 4242 4242 0 -1 4194304 74 0 0 0 7 3 0 0 20 0 1 0 151839 2654208 394 18446744073709551615 0 0 0';

describe('parseStat', () => {
  it('reads past a command with spaces and parentheses', () => {
    expect(parseStat(STAT)).toEqual({
      pid: 4242,
      start: '151839',
      state: 'S',
      parent: 1,
      group: 4242,
      session: 4242,
      cpuTicks: 10,
      rssPages: 394,
    });
  });

  it.each(['', 'x', '4242 (sh)', '4242 (sh) S 1 2 3'])('makes nothing of %j', (line) => {
    expect(parseStat(line)).toBeUndefined();
  });
});

describe('parseStarted', () => {
  it('takes a record only when it is complete', () => {
    const record = `${STAT}\n${STAT.replace('4242 (', '4241 (')}\n.\n`;
    expect(parseStarted(record)).toEqual({
      task: { pid: 4242, start: '151839' },
      shim: { pid: 4241, start: '151839' },
    });
    for (let length = 0; length < record.length - 2; length++) {
      expect(parseStarted(record.slice(0, length))).toBeUndefined();
    }
  });
});

describe('parseExit', () => {
  it.each([
    ['0\n', '', { exitCode: 0, signal: 0 }],
    ['3\n', '', { exitCode: 3, signal: 0 }],
    ['137\n', '', { exitCode: 137, signal: 0 }],
    ['137\n', 'Killed\n', { exitCode: 137, signal: 9 }],
    ['143\n', 'Terminated\n', { exitCode: 143, signal: 15 }],
    ['130\n', '', { exitCode: 130, signal: 2 }],
    ['', '', undefined],
  ])('reads %j with %j on the side', (text, printed, expected) => {
    expect(parseExit(text, printed)).toEqual(expected);
  });
});

describe('taskScript', () => {
  const tools = {
    sh: '/bin/sh',
    setsid: '/usr/bin/setsid',
    mv: '/bin/mv',
    env: '/usr/bin/env',
    setpriv: '/usr/bin/setpriv',
  };
  const launch: Launch = {
    id: 'id-1',
    argv: ['/bin/echo', "it's"],
    env: { A: 'x y', 'a.b': '1' },
    cwd: '/tmp/with space',
    stdoutPath: '/tmp/out',
    stderrPath: '/tmp/err',
    cgroup: '/sys/fs/cgroup/serin/id-1',
    user: { uid: 33, gid: 33 },
  };

  it('enters the cgroup, the folder and the user before it becomes the task', () => {
    expect(taskScript(launch, tools)).toBe(
      [
        `echo 0 >'/sys/fs/cgroup/serin/id-1/cgroup.procs' || exit 125`,
        `printf '%s\\n%s\\n.\\n' "$task" "$shim" >"$1.started" || exit 125`,
        '[ -e "$1.cancelled" ] && exit 125',
        `cd '/tmp/with space' || exit 125`,
        `exec >>'/tmp/out' || exit 125`,
        `export A='x y'`,
        `export SERIN_TASK_ID='id-1'`,
        `exec '/usr/bin/setsid' '/usr/bin/setpriv' '--reuid=33' '--regid=33' '--init-groups' '--' '/usr/bin/env' 'a.b=1' '/bin/echo' 'it'\\''s' 2>>'/tmp/err'`,
        '',
      ].join('\n'),
    );
  });

  it.each(["it's", '$HOME `x` \\ "y"', 'two\nlines', '', "''"])('quotes %j so that a shell gives it back', (text) => {
    expect(execFileSync('/bin/sh', ['-c', `printf %s ${quote(text)}`], { encoding: 'utf8' })).toBe(text);
  });
});
