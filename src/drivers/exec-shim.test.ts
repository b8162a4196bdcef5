import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  type ExecTask,
  type ExecTools,
  firstProcessScript,
  launchFile,
  parseLaunched,
  parseLife,
} from './exec-shim.ts';

const STAT = '42 (sh) S 1 42 42 0 -1 4194304 74 0 0 0 7 3 0 0 20 0 1 0 151839 2654208 394 18446744073709551615 0 0 0';

const tools: ExecTools = {
  sh: '/bin/sh',
  setsid: '/usr/bin/setsid',
  mv: '/bin/mv',
  env: '/usr/bin/env',
  setpriv: '/usr/bin/setpriv',
  mkfifo: '/usr/bin/mkfifo',
  rm: '/bin/rm',
  cat: '/bin/cat',
  chown: '/bin/chown',
};
const task: ExecTask = {
  id: 'id-1',
  argv: ['/bin/echo', "it's"],
  env: { A: 'x y', 'a.b': '1' },
  cwd: '/',
  user: { uid: 33, gid: 34 },
  bounding: ['chown', 'kill'],
  ambient: [],
};

describe('the script of the first process', () => {
  it('starts the task as its user, without capabilities or our descriptors, and writes down how it ended', () => {
    expect(firstProcessScript(task, tools)).toBe(
      [
        '{',
        `trap '' HUP INT TERM QUIT`,
        '(',
        'trap - HUP INT TERM QUIT',
        'IFS= read -r task </proc/self/stat',
        `printf '%s\\n' "$task" >&3`,
        `cd '/' 2>&4 || exit 125`,
        `export A='x y'`,
        `export SERIN_TASK_ID='id-1'`,
        `exec '/usr/bin/setsid' '/usr/bin/setpriv' '--reuid=33' '--regid=34' '--init-groups' '--bounding-set=-all,+chown,+kill' '--inh-caps=-all' '--' '/usr/bin/env' 'a.b=1' '/bin/echo' 'it'\\''s' </dev/null 2>&4 3>&- 4>&-`,
        ')',
        `printf 'exit %s\\n' $? >&3`,
        'exit',
        '}',
        '',
      ].join('\n'),
    );
  });

  it('hands added capabilities over', () => {
    const script = firstProcessScript({ ...task, ambient: ['kill'] }, tools);
    expect(script).toContain(`'--inh-caps=-all,+kill' '--ambient-caps=-all,+kill' '--'`);
  });

  it('runs nothing of itself when it was not read to its end', () => {
    const script = firstProcessScript({ ...task, argv: ['/bin/echo', 'ran'] }, tools);
    for (const share of [0.2, 0.5, 0.9]) {
      const cut = `${script.slice(0, script.length * share)}`;
      expect(() => run(`${cut}`)).not.toThrow(/ran/);
      expect(run(cut)).toBe('');
    }
  });
});

/** What a shell that reads a script from its input prints. */
function run(script: string): string {
  try {
    return execFileSync('/bin/sh', ['-c', 'exec sh 3>&1 4>&2 2>/dev/null'], {
      input: script,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
    });
  } catch (error) {
    return String((error as { stdout?: string }).stdout ?? '');
  }
}

it('the launch gives the container its descriptors, and the output to the user', () => {
  const launch = { runtime: ['/usr/sbin/runc', 'run'], user: task.user, stdoutPath: '/a/out', stderrPath: '/a/err' };
  expect(launchFile(launch, tools)).toBe(
    `'/usr/sbin/runc' 'run' <&5 >>'/a/out' 3>>"$1.life" 4>>'/a/err' 5<&- 6>&- || exit 1\n` +
      `exec '/bin/chown' 33:34 '/a/out' '/a/err'\n`,
  );
});

describe('the records', () => {
  it.each([
    ['', undefined],
    [`${STAT}\n`, undefined],
    [`${STAT}\n.`, { pid: 42, start: '151839' }],
    [`${STAT}\n.\n`, { pid: 42, start: '151839' }],
    ['failed\n.\n', 'failed'],
    ['\n.\n', 'failed'],
  ])('of a launch, %j', (text, expected) => {
    expect(parseLaunched(text)).toEqual(expected);
  });

  it.each([
    ['', '', { task: undefined, exit: undefined }],
    [STAT, '', { task: undefined, exit: undefined }],
    [`${STAT}\n`, '', { task: { pid: 42, start: '151839' }, exit: undefined }],
    [`${STAT}\nexit 1`, '', { task: { pid: 42, start: '151839' }, exit: undefined }],
    [`${STAT}\nexit 137\n`, '', { task: { pid: 42, start: '151839' }, exit: { exitCode: 137, signal: 0 } }],
    [`${STAT}\nexit 137\n`, 'Killed\n', { task: { pid: 42, start: '151839' }, exit: { exitCode: 137, signal: 9 } }],
  ])('of a life, %j', (text, printed, expected) => {
    expect(parseLife(text, printed)).toEqual(expected);
  });
});
