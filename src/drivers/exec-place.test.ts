import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentOpenFiles, execEnv, findInside } from './exec-place.ts';
import { onNode, ownBinds } from './exec-root.ts';
import { findGroups } from './users.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'serin-place-'));
  for (const folder of ['alloc', 'web/local/bin']) mkdirSync(join(dir, folder), { recursive: true });
  writeFileSync(join(dir, 'web/local/app'), '', { mode: 0o755 });
  writeFileSync(join(dir, 'web/local/bin/tool'), '', { mode: 0o755 });
  writeFileSync(join(dir, 'web/local/text'), '', { mode: 0o644 });
  writeFileSync(join(dir, 'alloc/shared'), '', { mode: 0o755 });
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const own = () => ownBinds({ taskDir: join(dir, 'web'), allocDir: join(dir, 'alloc') });
const find = (command: string, env = {}) => findInside(command, env, own());

describe('a command is found as the task sees its file system', () => {
  it.each([
    ['/bin/sh', '/bin/sh'],
    ['sh', '/usr/bin/sh'],
    ['app', '/local/app'],
    ['local/app', '/local/app'],
    ['bin/tool', '/local/bin/tool'],
    ['/alloc/shared', '/alloc/shared'],
  ])('%s', (command, expected) => {
    expect(find(command)).toBe(expected);
  });

  it.each(['/local/text', '/nowhere', 'nosuchprogram', '/etc/passwd', '/root/x', '/local'])('not %s', (command) => {
    expect(() => find(command)).toThrow(`binary "${command}" could not be found`);
  });

  it('not what only the node has', () => {
    expect(() => find(join(dir, 'web/local/app'))).toThrow('could not be found');
    expect(onNode('/srv/x', own())).toBeUndefined();
    expect(onNode('/tmp/x', own())).toBe(join(dir, 'web/tmp/x'));
  });
});

it('a home that is not there becomes the folder of the task; one that is stays', () => {
  expect(execEnv({ HOME: '/root' }).HOME).toBe('/local');
  expect(execEnv({}).HOME).toBe('/local');
  expect(execEnv({ HOME: '/alloc/data' }).HOME).toBe('/alloc/data');
  expect(execEnv({ HOME: '/local' }).HOME).toBe('/local');
  expect(execEnv({ PATH: '/x' }).PATH).toBe('/x');
});

it('open files: no more than the agent may have', () => {
  const line = (soft: number, hard: number) =>
    `Limit  Soft  Hard  Units\nMax open files            ${soft}  ${hard}  files\n`;
  expect(agentOpenFiles(line(1024, 20_000))).toEqual({ soft: 20_000, hard: 20_000 });
  expect(agentOpenFiles(line(1024, 1_048_576))).toEqual({ soft: 65_536, hard: 1_048_576 });
});

it('groups that name a user', () => {
  const passwd = 'root:x:0:0::/:/bin/sh\nweb:x:33:33::/:/bin/sh\n';
  const group = 'root:x:0:\nadm:x:4:syslog,web\nweb:x:33:\nssl:x:99:web\nwebs:x:98:webby\n';
  expect(findGroups({ uid: 33, gid: 33 }, passwd, group)).toEqual([4, 99]);
  expect(findGroups({ uid: 5, gid: 5 }, passwd, group)).toEqual([]);
});
