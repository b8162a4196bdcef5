import { describe, expect, it } from 'vitest';
import type { Node } from '../model/node.ts';
import { interpolateAll, interpolateText, lookupIn } from './interpolate.ts';

const node = {
  ID: 'n1',
  Name: 'one',
  Datacenter: 'dc1',
  NodeClass: 'big',
  Attributes: { 'kernel.name': 'linux' },
  Meta: { rack: 'r1' },
} as unknown as Node;

const lookup = lookupIn({ NOMAD_PORT_http: '8080', 'my.var': 'mine' }, node);

describe('interpolation', () => {
  it.each([
    ['-p ${NOMAD_PORT_http}', '-p 8080'],
    ['${ NOMAD_PORT_http }', '8080'],
    ['${env["my.var"]}', 'mine'],
    ['${attr.kernel.name}/${meta.rack}', 'linux/r1'],
    ['${node.unique.id} ${node.unique.name} ${node.datacenter} ${node.class}', 'n1 one dc1 big'],
    ['${HOME} $HOME ${}', '${HOME} $HOME ${}'],
    ['${attr.nothing}', '${attr.nothing}'],
  ])('makes %j into %j', (text, expected) => {
    expect(interpolateText(text, lookup)).toBe(expected);
  });

  it('goes through lists and blocks, keys included, and leaves other values alone', () => {
    const config = { args: ['${NOMAD_PORT_http}', 1, true, null], nested: [{ 'x${meta.rack}': '${meta.rack}' }] };
    expect(interpolateAll(config, lookup)).toEqual({ args: ['8080', 1, true, null], nested: [{ xr1: 'r1' }] });
  });
});
