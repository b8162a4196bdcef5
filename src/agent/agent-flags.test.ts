import { describe, expect, it } from 'vitest';
import { readFlags } from '../cli/flags.ts';
import { flagConfig, flagMistakes } from './agent-flags.ts';
import { mergeConfig } from './config-merge.ts';

const config = (options: Record<string, unknown>) => flagConfig(readFlags(options));

describe('flags of an agent', () => {
  it('that were not given say nothing', () => expect(config({})).toEqual({}));

  it('say what a file would', () => {
    const given = {
      httpPort: '5000',
      dc: 'east',
      node: 'one',
      logJson: true,
      servers: 'a:1,b:2',
      meta: ['k=v=w', 'z='],
    };
    expect(config({ ...given, client: true, nodeClass: 'big', bind: '10.0.0.1' })).toEqual({
      bind_addr: '10.0.0.1',
      datacenter: 'east',
      name: 'one',
      log_json: true,
      ports: { http: 5000 },
      client: { enabled: true, node_class: 'big', servers: ['a:1', 'b:2'], meta: { k: 'v=w', z: '' } },
      ingress: { servers: ['a:1', 'b:2'] },
    });
  });

  it('win over files, and take a role away', () => {
    const file = { datacenter: 'west', client: { enabled: true, meta: { k: 'file', other: 'kept' } } };
    expect(mergeConfig(file, config({ client: false, dc: 'east', meta: ['k=flag'] }))).toEqual({
      datacenter: 'east',
      client: { enabled: false, meta: { k: 'flag', other: 'kept' } },
    });
  });

  it('that are wrong are told together', () => {
    expect(flagMistakes(readFlags({ httpPort: 'many', meta: ['novalue', '=x', 'a=b'] }))).toEqual([
      '-meta needs key=value, not "novalue"',
      '-meta needs key=value, not "=x"',
      '-http-port must be a number, not "many"',
    ]);
  });
});
