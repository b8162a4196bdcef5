/** Each view, made of a row that was made of a peer's answer, is that answer: values, key sets and their order. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allocStub, allocView } from './alloc-view.ts';
import { type Allocation, EMPTY_METRIC, type TaskEvent, type TaskState } from './allocation.ts';
import { canonicalizeJob } from './canonicalize.ts';
import type { Deployment } from './deployment.ts';
import { deploymentView } from './deployment-view.ts';
import type { Evaluation } from './evaluation.ts';
import { evaluationView } from './evaluation-view.ts';
import type { Job } from './job.ts';
import { jobStub } from './job-stub.ts';
import type { Node } from './node.ts';
import { nodeStub, nodeView } from './node-view.ts';

type Json = Record<string, unknown>;

const FOLDER = new URL('../../testdata/wire/', import.meta.url);
const golden = <T = Json>(name: string): T => JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as T;

const node = { ...golden<Json>('node'), SecretID: 'never' } as unknown as Node;

function expectSame(view: object, answer: object): void {
  expect(view).toStrictEqual(answer);
  expect(Object.keys(view)).toEqual(Object.keys(answer));
}

/** The events of a row are lean: what is empty is not there. */
function leanStates(states: Record<string, TaskState>): Record<string, TaskState> {
  const lean = (event: TaskEvent) =>
    Object.fromEntries(Object.entries(event).filter(([, value]) => value !== '' && value !== 0 && value !== false));
  return Object.fromEntries(
    Object.entries(states).map(([task, { Events, ...state }]) => [
      task,
      { ...state, Events: Events.map(lean) as unknown as TaskEvent[] },
    ]),
  );
}

const EMPTY_ROW = {
  JobVersion: 0,
  DesiredDescription: '',
  ClientDescription: '',
  PreviousAllocation: '',
  NextAllocation: '',
  DeploymentID: '',
  DeploymentStatus: null,
  RescheduleTracker: null,
  FollowupEvalID: '',
  Ports: [],
};

function rowOf(answer: Json): Allocation {
  const { Job: _job, Resources: _r, SharedResources: _s, TaskResources: _t, AllocatedResources, ...rest } = answer;
  const shared = (AllocatedResources as { Shared: { Ports: Allocation['Ports'] } } | null)?.Shared;
  const states = leanStates(answer.TaskStates as Record<string, TaskState>);
  return { ...EMPTY_ROW, ...rest, Ports: shared?.Ports ?? [], TaskStates: states } as unknown as Allocation;
}

describe('a whole allocation', () => {
  const { Jobs, Allocs } = golden<{ Jobs: Job[]; Allocs: (Json & { Job: number })[] }>('allocs');

  it.each(Allocs)('$ClientStatus, wanted to $DesiredStatus, $ID', (answer) => {
    const job = Jobs[answer.Job] as Job;
    expectSame(allocView(rowOf(answer), job, node), { ...answer, Job: job });
  });

  const row = rowOf(Allocs[0] as Json);

  it('is answered without its job, too', () => {
    expect(allocView(row, undefined)).toMatchObject({ Job: null, Resources: null, AllocatedResources: null });
  });

  it('has empty metrics where they are not kept with the row', () => {
    const { Metrics: _, ...bare } = row;
    expect(allocView(bare, undefined)).toMatchObject({ Metrics: EMPTY_METRIC });
  });

  it('says what ingresses and checks say of it', () => {
    const Traffic = { Ready: true, Applied: false, Drained: false, Owing: [], ChangedMs: 1 };
    const Services = [{ Service: 's', PortLabel: 'p', Address: 'a', Port: 1, Status: 'passing' as const, Checks: [] }];
    expect(allocView({ ...row, Traffic, Services }, undefined)).toMatchObject({ Traffic, Services });
    expect(allocStub({ ...row, Traffic, Services }, undefined)).toMatchObject({ Traffic, Services });
  });

  it("gives static and dynamic ports, the group's and those of a task of its own network", () => {
    const networks = [{ ReservedPorts: [{ Label: 'admin', Value: 80 }], DynamicPorts: [{ Label: 'http', To: 8080 }] }];
    const task = { Name: 't', Resources: { Networks: [{ DynamicPorts: [{ Label: 'old' }] }] } };
    const job = canonicalizeJob({ ID: 'j', TaskGroups: [{ Name: 'g', Networks: networks, Tasks: [task] }] }).job;
    const ports = [
      { Label: 'admin', Value: 80, To: 0, HostIP: '10.0.0.1' },
      { Label: 'http', Value: 25000, To: 8080, HostIP: '10.0.0.1' },
      { Label: 'old', Value: 25001, To: 0, HostIP: '10.0.0.1' },
    ];
    const view = allocView({ ...row, TaskGroup: 'g', Ports: ports }, job);
    expect(view).toMatchObject({
      AllocatedResources: {
        Tasks: { t: { Networks: [{ IP: '10.0.0.1', DynamicPorts: [{ Label: 'old', Value: 25001 }] }] } },
        Shared: {
          Networks: [{ IP: '10.0.0.1', ReservedPorts: [{ Value: 80 }], DynamicPorts: [{ Value: 25000, To: 8080 }] }],
          Ports: ports.slice(0, 2),
        },
      },
    });
  });
});

describe('an allocation of a list', () => {
  const stubs = golden<Json[]>('alloc-stubs');
  const job = golden<Job>('job');

  it.each(stubs)('$ClientStatus, wanted to $DesiredStatus', (answer) => {
    expectSame(allocStub(rowOf(answer), job), answer);
  });

  it('says what it was given where asked, and leaves out its task states where asked', () => {
    const row = rowOf(stubs[0] as Json);
    expect(allocStub(row, job, { resources: true })).toMatchObject({ AllocatedResources: { Shared: { DiskMB: 300 } } });
    expect(allocStub(row, job, { taskStates: false })).toMatchObject({ TaskStates: null });
  });
});

describe('a node', () => {
  it('as a whole, without its secret', () => {
    expectSame(nodeView(node), golden('node'));
  });

  it('of a list', () => {
    const stub = golden('node-stub');
    expectSame(nodeStub({ ...node, Drivers: stub.Drivers as Node['Drivers'] }), stub);
  });

  it('of a list, with resources and an address of the other kind', () => {
    const stub = nodeStub({ ...node, HTTPAddr: '[::1]:4646' }, { resources: true });
    expect(stub).toMatchObject({ Address: '::1', NodeResources: node.NodeResources });
  });
});

it('a job of a list', () => {
  const stub = golden('job-stub');
  expectSame(jobStub(golden<Job>('job'), stub.JobSummary as never), stub);
});

describe('a deployment', () => {
  const answer = golden<Deployment>('deployment');
  const groups = Object.entries(answer.TaskGroups).map(([name, state]) => [name, { ...state, LastBatchMs: 1 }]);
  const row = { ...answer, TaskGroups: Object.fromEntries(groups), CreateTimeMs: 1, ModifyTimeMs: 2 } as Deployment;

  it('is what the wire has', () => {
    expectSame(deploymentView(row), answer);
  });

  it('says what it waits for', () => {
    const blocker = { Reason: 'health', Message: 'Waits.' } as const;
    expect(deploymentView(row, blocker)).toMatchObject({ Blocker: blocker });
  });
});

describe('an evaluation', () => {
  it.each(golden<Json[]>('evaluations'))('$TriggeredBy, $Status, $ID', (answer) => {
    const { WaitUntil, ...rest } = answer;
    const wait = WaitUntil === undefined ? {} : { WaitUntilMs: Date.parse(WaitUntil as string) };
    const view = evaluationView({ JobModifyIndex: 0, ...rest, ...wait } as unknown as Evaluation) as Json;
    expect(Object.keys(view)).toEqual(Object.keys(answer));
    if (WaitUntil !== undefined) expect(Date.parse(view.WaitUntil as string)).toBe(Date.parse(WaitUntil as string));
    expect({ ...view, WaitUntil: undefined }).toEqual({ ...answer, WaitUntil: undefined });
  });
});
