import { describe, expect, it } from 'vitest';
import { checkExecConfig } from './exec-config.ts';
import { compileExecPlugin, execPluginProblems } from './exec-plugin-config.ts';
import { capabilitiesOf } from './oci-capabilities.ts';

const check = (config: Record<string, unknown>, allowed: readonly string[] = []) =>
  checkExecConfig({ command: 'a', ...config }, allowed);

describe('the config of a task', () => {
  it.each<[Record<string, unknown>, (readonly string[])?]>([
    [{}],
    [{ args: ['a', 1, true], work_dir: '/local', pids_limit: 1 }],
    [{ cap_add: ['NET_BIND_SERVICE', 'cap_chown'], cap_drop: ['ALL'] }],
    [{ cap_add: ['sys_admin'] }, ['CAP_SYS_ADMIN']],
    [{ cap_add: ['sys_admin'] }, ['all']],
    [{ cap_add: null, args: null }],
  ])('takes %j', (config, allowed) => {
    expect(check(config, allowed)).toEqual([]);
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ command: '' }, /"command" is missing/],
    [{ args: [{}] }, /"args" must be a list of strings/],
    [{ image: 'a' }, /exec has no "image"; it knows "command", "args".* and "work_dir"/],
    [{ cap_add: 'chown' }, /"cap_add" must be a list of strings, not a string/],
    [{ cap_add: ['sys_admin'] }, /"sys_admin", which this node does not allow.*"allow_caps" of plugin "exec"/],
    [{ cap_add: ['flying'] }, /"flying", which is no capability/],
    [{ cap_drop: ['flying'] }, /"flying", which is no capability/],
    [{ pids_limit: 0 }, /"pids_limit" must be a whole number/],
    [{ pids_limit: '9' }, /"pids_limit" must be a whole number/],
    [{ work_dir: 'local' }, /"work_dir" must be an absolute path/],
  ])('refuses %j and says why', (config, words) => {
    expect(check(config)).toEqual([expect.stringMatching(words)]);
  });

  it('names every problem at once', () => {
    expect(checkExecConfig({ args: 'a', pids_limit: -1, image: 'x' }, [])).toHaveLength(4);
  });
});

describe('capabilities', () => {
  it('of a task: none by itself; the shell before it can become its user', () => {
    const { bounding, added, first } = capabilitiesOf([], ['all']);
    expect({ bounding, added, first }).toEqual({ bounding: [], added: [], first: ['setgid', 'setpcap', 'setuid'] });
  });

  it('those added stay when all others are dropped, however they are spelt', () => {
    expect(capabilitiesOf(['CAP_NET_RAW', 'net_raw', 'Chown'], ['CAP_ALL'])).toMatchObject({
      bounding: ['chown', 'net_raw'],
      added: ['chown', 'net_raw'],
    });
  });

  it('one dropped is gone from the usual ones', () => {
    const usual = capabilitiesOf([], []).bounding;
    expect(usual).toContain('kill');
    expect(usual).not.toContain('net_raw');
    expect(capabilitiesOf([], ['CAP_KILL']).bounding).toEqual(usual.filter((name) => name !== 'kill'));
  });
});

describe('plugin "exec"', () => {
  it('has defaults', () => {
    expect(compileExecPlugin({})).toEqual({ runtime: '', allowCaps: [] });
    expect(compileExecPlugin({ runtime: 'crun', allow_caps: ['all'] })).toEqual({
      runtime: 'crun',
      allowCaps: ['all'],
    });
  });

  it('names what it does not know', () => {
    expect(execPluginProblems({ runtime: 3, allow_caps: 'all', runtimes: 'runc' })).toEqual([
      'plugin "exec": "runtime" must be a text',
      'plugin "exec": "allow_caps" must be a list of texts',
      'plugin "exec": no such name: "runtimes"; it knows runtime, allow_caps',
    ]);
    expect(execPluginProblems({ runtime: 'runc', allow_caps: ['net_raw'] })).toEqual([]);
  });
});
