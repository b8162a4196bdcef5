import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfigFiles } from './config-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'serin-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const HCL = `
datacenter = "east"
client {
  enabled = true
  servers = ["10.0.0.1:4646"]
  meta {
    zone = "a"
    rack = "1"
  }
}
plugin "raw_exec" {
  config {
    enabled = true
  }
}
`;

describe('files of configuration', () => {
  it('are merged in their order: blocks by name, everything else by the later one', async () => {
    const first = file('first.hcl', HCL);
    const second = file('second.json', '{"datacenter": "west", "client": {"meta": {"zone": "b"}, "servers": ["x:1"]}}');
    const { raw, problems } = await loadConfigFiles([first, second]);
    expect(problems).toEqual([]);
    expect(raw).toEqual({
      datacenter: 'west',
      client: { enabled: true, servers: ['x:1'], meta: { zone: 'b', rack: '1' } },
      plugin: { raw_exec: { config: { enabled: true } } },
    });
    expect((await loadConfigFiles([second, first])).raw).toMatchObject({ datacenter: 'east' });
  });

  it('say the same in HCL and in JSON', async () => {
    const json = JSON.stringify((await loadConfigFiles([file('a.hcl', HCL)])).raw);
    expect((await loadConfigFiles([file('b.json', json)])).raw).toEqual(
      (await loadConfigFiles([file('a.hcl', HCL)])).raw,
    );
  });

  it('of a folder are read by their names, and only those of configuration', async () => {
    mkdirSync(join(folder, 'conf.d'));
    file('conf.d/20-b.hcl', 'region = "later"');
    file('conf.d/10-a.json', '{"region": "earlier", "name": "kept"}');
    file('conf.d/notes.txt', 'nothing = of = this');
    expect(await loadConfigFiles([join(folder, 'conf.d')])).toEqual({
      raw: { region: 'later', name: 'kept' },
      problems: [],
    });
  });

  it('tell every mistake at once, with file and line', async () => {
    const hcl = file(
      'wrong.hcl',
      'datacentre = "x"\nports {\n  http = "80"\n}\nclient {\n  enabled = "yes"\n  serves = []\n}',
    );
    const json = file('wrong.json', '{"server": true}');
    const { problems } = await loadConfigFiles([hcl, json, join(folder, 'none.hcl')]);
    expect(problems).toEqual([
      expect.stringMatching(
        /wrong\.hcl:1: no such name: "datacentre"\. Did you mean "datacenter"\? Known here: region, /,
      ),
      `${hcl}:3: "ports.http" must be a number, not "80"`,
      `${hcl}:6: "client.enabled" must be true or false, not "yes"`,
      expect.stringMatching(/wrong\.hcl:7: no such name: "client\.serves"\. Did you mean "client\.servers"\?/),
      `${json}: "server" must be a block`,
      `${join(folder, 'none.hcl')}: there is no such file or folder`,
    ]);
  });

  it.each([
    ['broken.hcl', 'client {', /broken\.hcl/],
    ['broken.json', '{"a": ', /broken\.json is not JSON/],
    ['list.json', '[]', /must be an object/],
    ['unlabelled.hcl', 'plugin { config = true }', /needs a label and a block/],
    ['nested.hcl', 'client {\n  meta {\n    a = [1]\n  }\n}', /nested\.hcl:2: "client\.meta" must be a block of names/],
    ['time.hcl', 'server { heartbeat_grace = "soon" }', /must be a duration like "30s", not "soon"/],
  ])('%s: %s', async (name, text, sentence) => {
    const { problems } = await loadConfigFiles([file(name, text)]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(sentence);
    expect(problems[0]).not.toMatch(/\n {4}at /);
  });

  it('that run a peer load here: what means nothing is left alone', async () => {
    const text =
      'leave_on_interrupt = true\nconsul { address = "x" }\nserver {\n  enabled = true\n  bootstrap_expect = 1\n}';
    expect((await loadConfigFiles([file('peer.hcl', text)])).problems).toEqual([]);
  });
});
