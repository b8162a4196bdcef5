/** What people set by hand at the ingresses: kept with the instance, refused where it makes no sense. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import { dynamicPort, NOW_MS, newAlloc, newGroup, newIngressService, newJob, newNode } from '../scheduler/fixtures.ts';
import { put, read, type TestState, testState } from './fixtures.ts';
import { changeOverride, type OverrideChange } from './ingress-overrides.ts';

const web = newJob({ TaskGroups: [newGroup({ Services: [newIngressService('web')], Networks: dynamicPort() })] });
const batch = newJob({ ID: 'lone', TaskGroups: [newGroup()] });
const Ports = [{ Label: 'http', Value: 20_000, To: 0, HostIP: '10.0.0.1' }];

let world: TestState;
beforeEach(async () => {
  world = await testState();
  await put(world.state, {
    jobs: [web, batch],
    nodes: [newNode(0)],
    allocs: [
      newAlloc(web, 0, { ID: 'a', Ports }),
      newAlloc(batch, 0, { ID: 'lone', Ports }),
      newAlloc(batch, 1, { ID: 'portless', Ports: [] }),
      newAlloc(web, 1, { ID: 'ended', Ports, ClientStatus: 'complete' }),
    ],
  });
});

const change = (id: string, ...changes: OverrideChange[]) =>
  world.state.update((tx) => {
    for (const each of changes) changeOverride(tx, id, each, NOW_MS);
  });
const ingressOf = (id: string): Allocation['Ingress'] => read(world, (tx) => tx.alloc(id))!.Ingress;

describe('an override', () => {
  it('is kept with the instance, and taken back', async () => {
    await change('a', { kind: 'drain' }, { kind: 'weight', percent: 50 });
    expect(ingressOf('a')).toEqual({ Drained: true, Weight: 50 });
    await change('a', { kind: 'ready' });
    expect(ingressOf('a')).toBeUndefined();
  });

  it('of an ordinary weight is none', async () => {
    await change('a', { kind: 'weight', percent: 50 }, { kind: 'weight', percent: 100 });
    expect(ingressOf('a')).toBeUndefined();
  });

  it('puts an instance behind another service, once, and takes it out again', async () => {
    const added = { kind: 'add', backend: 'default/web/web' } as const;
    await change('lone', added, added);
    expect(ingressOf('lone')).toEqual({ Backends: ['default/web/web'] });
    await change('lone', { kind: 'drain' }, { kind: 'remove', backend: 'default/web/web' }, { kind: 'ready' });
    expect(ingressOf('lone')).toBeUndefined();
  });

  it.each<[string, string, OverrideChange, string]>([
    ['of what does not exist', 'nosuch', { kind: 'drain' }, 'unknown alloc "nosuch"'],
    ['of what has ended', 'ended', { kind: 'drain' }, 'has ended'],
    ['of what takes no requests', 'lone', { kind: 'drain' }, 'stands behind no ingress'],
    ['of too large a weight', 'a', { kind: 'weight', percent: 300 }, 'between 0 and 256, not 300'],
    ['of no weight', 'a', { kind: 'weight', percent: Number.NaN }, 'between 0 and 256'],
    ['to an unknown pool', 'lone', { kind: 'add', backend: 'x' }, 'no pool "x"; there are: default/web/web'],
    ['of what has no port', 'portless', { kind: 'add', backend: 'default/web/web' }, 'has no port'],
    ['of what was not added', 'a', { kind: 'remove', backend: 'x' }, 'it was added to none'],
  ])('%s is refused', async (_, id, wrong, words) => {
    await expect(change(id, wrong)).rejects.toThrow(words);
  });
});
