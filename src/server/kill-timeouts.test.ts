import { expect, it } from 'vitest';
import { MINUTE, SECOND } from '../model/nanos.ts';
import { newGroup, newJob, newNode, newTask } from '../scheduler/fixtures.ts';
import { cutKillTimeouts } from './kill-timeouts.ts';

const node = (limit: string, changes = {}) =>
  newNode(1, { Attributes: { 'client.max_kill_timeout': limit }, ...changes });
const job = newJob({
  TaskGroups: [
    newGroup({ Tasks: [newTask({ Name: 'web', KillTimeout: MINUTE }), newTask({ Name: 'log', KillTimeout: SECOND })] }),
  ],
});

it.each([
  ['no node', [], []],
  ['a node that grants as much', [node('1m0s')], []],
  ['a node that says nothing', [newNode(1)], []],
  [
    'a node that grants less',
    [node('30s'), node('2m0s')],
    ['task "web": kill_timeout 1m0s is cut to 30s on 1 of 2 nodes: raise client.max_kill_timeout there'],
  ],
  ['one that is down or elsewhere', [node('30s', { Status: 'down' }), node('30s', { Datacenter: 'dc9' })], []],
])('with %s', (_name, nodes, expected) => {
  expect(cutKillTimeouts(job, nodes)).toEqual(expected);
});
