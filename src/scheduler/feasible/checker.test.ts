import { describe, expect, it } from 'vitest';
import type { TaskGroup } from '../../model/job.ts';
import type { Node } from '../../model/node.ts';
import { newAlloc, newGroup, newJob, newNode, newTask } from '../fixtures.ts';
import { compileChecker } from './checker.ts';
import { compileDatacenters } from './datacenters.ts';
import { compileDistinct } from './distinct.ts';
import { compileTarget } from './target.ts';

const driver = {
  Attributes: { 'driver.docker.version': '24.0' },
  Detected: true,
  Healthy: true,
  HealthDescription: '',
  UpdateTime: '',
};
const node = newNode(7, {
  NodeClass: 'large',
  Meta: { rack: 'r1', 'unique.slot': '3' },
  Drivers: { raw_exec: driver, docker: driver },
  HostVolumes: { certs: { Name: 'certs', Path: '/certs', ReadOnly: true } },
});

const judge = (group: Partial<TaskGroup>, on: Node = node) => {
  const wanted = newGroup(group);
  return compileChecker(newJob({ TaskGroups: [wanted] }), wanted).judge(on);
};

const constraint = (LTarget: string, Operand: string, RTarget: string) => ({ LTarget, Operand, RTarget });

describe('targets', () => {
  it.each([
    ['${attr.kernel.name}', 'linux', false],
    ['${attr.unique.hostname}', 'node-7', true],
    ['${attr.driver.docker.version}', '24.0', false],
    ['${driver.docker.version}', '24.0', false],
    ['${driver.docker}', '1', false],
    ['${meta.rack}', 'r1', false],
    ['${meta.unique.slot}', '3', true],
    ['${node.datacenter}', 'dc1', false],
    ['${node.class}', 'large', false],
    ['${node.unique.name}', 'node-7', true],
    ['${node.unique.id}', node.ID, true],
    ['${attr.nothing}', undefined, false],
    ['${nonsense}', undefined, false],
    ['plain text', 'plain text', false],
  ])('%s is %s', (text, value, isUnique) => {
    const target = compileTarget(text);
    expect(target.read(node)).toBe(value);
    expect(target.isUnique).toBe(isUnique);
  });
});

describe('feasibility', () => {
  it('names the constraint that a node does not meet', () => {
    expect(judge({ Constraints: [constraint('${attr.kernel.name}', '=', 'plan9')] })).toBe(
      '${attr.kernel.name} = plan9',
    );
    expect(judge({ Constraints: [constraint('${meta.gpu}', 'is_set', '')] })).toBe('${meta.gpu} is_set');
    expect(judge({ Constraints: [constraint('${attr.kernel.name}', '=', 'linux')] })).toBeUndefined();
  });

  it.each<[string, Partial<Node>, string | undefined]>([
    ['detected and healthy', {}, undefined],
    ['unhealthy', { Drivers: { raw_exec: { ...driver, Healthy: false } } }, 'missing drivers'],
    ['not detected', { Drivers: { raw_exec: { ...driver, Detected: false } } }, 'missing drivers'],
    ['absent', { Drivers: {} }, 'missing drivers'],
    ['known by its attribute only', { Drivers: {}, Attributes: { 'driver.raw_exec': '1' } }, undefined],
  ])('a driver that is %s', (_, fields, expected) => {
    expect(judge({}, { ...node, ...fields })).toBe(expected);
  });

  it('wants host volumes by source, and one that may be written unless it is only read', () => {
    const volume = (Source: string, ReadOnly: boolean) => ({
      Volumes: { v: { Name: 'v', Type: 'host', Source, ReadOnly } },
    });
    expect(judge(volume('certs', true))).toBeUndefined();
    expect(judge(volume('certs', false))).toBe('missing compatible host volumes');
    expect(judge(volume('data', true))).toBe('missing compatible host volumes');
  });

  it('names what no node offers', () => {
    const devices = newTask({ Resources: { ...newTask().Resources, Devices: [{ Name: 'gpu' }] } });
    expect(judge({ Tasks: [devices] })).toBe('missing devices');
    expect(judge({ Volumes: { v: { Name: 'v', Type: 'csi', Source: 'vol', ReadOnly: false } } })).toBe(
      'missing CSI Volume vol',
    );
  });

  it('judges a class once, but never by what is unique to a node', () => {
    const group = newGroup({ Constraints: [constraint('${attr.unique.hostname}', '=', 'node-7')] });
    const checker = compileChecker(newJob({ TaskGroups: [group] }), group);
    expect(checker.judge(node)).toBeUndefined();
    expect(checker.judge(newNode(8))).toBe('${attr.unique.hostname} = node-7');
    expect(checker.escapesClasses).toBe(true);

    const shared = newGroup({ Constraints: [constraint('${meta.rack}', '=', 'r1')] });
    const byClass = compileChecker(newJob({ TaskGroups: [shared] }), shared);
    byClass.judge(node);
    expect(byClass.judge(newNode(9)), 'the class has been judged').toBeUndefined();
    expect([...byClass.classes]).toEqual([['v1:1', undefined]]);
    expect(byClass.judge(newNode(9, { ComputedClass: '' })), 'without a class each is judged').toBe(
      '${meta.rack} = r1',
    );
  });
});

describe('datacenters', () => {
  it.each([
    [['dc1'], 'dc1', true],
    [['dc1'], 'dc12', false],
    [['dc*'], 'dc12', true],
    [['*'], 'anything', true],
    [['eu-*-1'], 'eu-west-1', true],
    [['eu.*'], 'euxwest', false],
  ])('%j and %s: %s', (patterns, datacenter, expected) => {
    expect(compileDatacenters(patterns)(datacenter)).toBe(expected);
  });
});

describe('instances that keep apart', () => {
  const nodes = [0, 1, 2].map((number) => newNode(number, { Meta: { rack: number === 2 ? 'r2' : 'r1' } }));
  const nodeOf = (id: string) => nodes.find((one) => one.ID === id);
  const compile = (where: 'job' | 'group', one: ReturnType<typeof constraint>, present: number[]) => {
    const group = newGroup(where === 'group' ? { Constraints: [one] } : {});
    const job = newJob({ TaskGroups: [group], Constraints: where === 'job' ? [one] : null });
    const allocs = present.map((number, index) => newAlloc(job, index, { NodeID: nodes[number]!.ID }));
    return { rules: compileDistinct(job, group, allocs, nodeOf), allocs };
  };

  it('takes one instance per host, where a successor does not mind its predecessor', () => {
    const { rules, allocs } = compile('group', constraint('', 'distinct_hosts', ''), [0]);
    expect(rules[0]!.judge(nodes[0]!)).toBe('distinct_hosts');
    expect(rules[0]!.judge(nodes[0]!, allocs[0])).toBeUndefined();
    expect(rules[0]!.judge(nodes[1]!)).toBeUndefined();
  });

  it('counts other groups only where the job asks for it', () => {
    const ofJob = compile('job', constraint('', 'distinct_hosts', ''), []).rules[0]!;
    const ofGroup = compile('group', constraint('', 'distinct_hosts', ''), []).rules[0]!;
    for (const rule of [ofJob, ofGroup]) rule.count(nodes[0]!, 'another', 1);
    expect(ofJob.judge(nodes[0]!)).toBe('distinct_hosts');
    expect(ofGroup.judge(nodes[0]!)).toBeUndefined();
  });

  it('takes as many per value as are allowed', () => {
    const one = constraint('${meta.rack}', 'distinct_property', '2');
    expect(compile('group', one, [0]).rules[0]!.judge(nodes[1]!)).toBeUndefined();
    const full = compile('group', one, [0, 1]).rules[0]!;
    expect(full.judge(nodes[1]!)).toBe('distinct_property: ${meta.rack}=r1 used by 2 allocs');
    expect(full.judge(nodes[2]!)).toBeUndefined();
    expect(full.judge(newNode(5))).toBe('missing property "${meta.rack}"');
    full.count(nodes[0]!, 'app', -1);
    expect(full.judge(nodes[1]!)).toBeUndefined();
  });
});
