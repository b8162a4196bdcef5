/** The six kinds of updates, one after the other; each ends when the service is wholly of the new version. */
import { until } from '../../src/agent/testing/until.ts';
import { assertNever } from '../../src/lib/assert.ts';
import { type Allocation, isClientTerminal } from '../../src/model/allocation.ts';
import type { Deployment } from '../../src/model/deployment.ts';

import type { PlaneRig } from './rig.ts';
import { SERVICE, serviceJob } from './service-job.ts';

const SMALL = 2;
const LARGE = 3;

export const UpdateKind = {
  rolling: 'rolling',
  canary: 'canary',
  blueGreen: 'blue/green',
  revert: 'revert',
  scale: 'scale',
  drain: 'drain of a node',
} as const;
export type UpdateKind = (typeof UpdateKind)[keyof typeof UpdateKind];
export const UPDATE_KINDS = Object.values(UpdateKind);

export const kindOf = (number: number): UpdateKind => UPDATE_KINDS[(number - 1) % UPDATE_KINDS.length]!;

/** Every other scale is one down: how many instances there are once this update is done. */
export const countAfter = (number: number): number =>
  Math.floor((number + UPDATE_KINDS.length - 1 - UPDATE_KINDS.indexOf(UpdateKind.scale)) / UPDATE_KINDS.length) % 2 ===
  0
    ? SMALL
    : LARGE;

const PATIENCE_MS = 60_000;
const DRAIN_DEADLINE = 30e9;

export type Instance = Pick<
  Allocation,
  'ID' | 'JobVersion' | 'ClientStatus' | 'DesiredStatus' | 'NodeID' | 'DeploymentStatus'
>;

/** One service, and what is known of it. */
export class UpdatedService {
  readonly #rig: PlaneRig;
  #count = SMALL;
  #version = -1;

  constructor(rig: PlaneRig) {
    this.#rig = rig;
  }

  /** The version before the first update; traffic may start when this has resolved. */
  async start(number: number): Promise<void> {
    this.#count = countAfter(number);
    // A run that goes on with a revert needs a version to go back to.
    if (kindOf(number + 1) === UpdateKind.revert) await this.#register(number - 1, 0);
    await this.#register(number, 0);
    await this.#isAllThereIs();
    for (const { host } of this.#rig.ingresses)
      await until(`it answers at ${host}`, async () => (await fetch(`http://${host}:${this.#rig.listen}/`)).ok);
  }

  /** `onSubmitted`: the update is under way from here on. */
  async update(number: number, onSubmitted: () => void): Promise<void> {
    const kind = kindOf(number);
    switch (kind) {
      case UpdateKind.rolling:
        await this.#register(number, 0);
        onSubmitted();
        return this.#isAllThereIs();
      case UpdateKind.canary:
        return this.#withCanaries(number, 1, onSubmitted);
      case UpdateKind.blueGreen:
        return this.#withCanaries(number, this.#count, onSubmitted);
      case UpdateKind.revert:
        await this.#rig.write(`job/${SERVICE}/revert`, { JobID: SERVICE, JobVersion: this.#version - 1 });
        await this.#readVersion();
        onSubmitted();
        return this.#isAllThereIs();
      case UpdateKind.scale:
        return this.#scale(number, onSubmitted);
      case UpdateKind.drain:
        return this.#drain(onSubmitted);
      default:
        return assertNever(kind);
    }
  }

  instances(): Promise<Instance[]> {
    return this.#rig.server.read(`job/${SERVICE}/allocations`);
  }

  async #withCanaries(number: number, canaries: number, onSubmitted: () => void): Promise<void> {
    await this.#register(number, canaries);
    onSubmitted();
    const deployment = await until(
      'the canaries are healthy',
      async () => {
        const { ID, JobVersion, TaskGroups } = await this.#deployment();
        const group = TaskGroups.app;
        return JobVersion === this.#version && (group?.HealthyAllocs ?? 0) >= canaries && ID;
      },
      PATIENCE_MS,
    );
    await until('it is promoted', () => this.#promote(deployment), PATIENCE_MS);
    await this.#isAllThereIs();
  }

  /** The server may be killed after it has promoted and before it says so. */
  async #promote(id: string): Promise<boolean> {
    if ((await this.#deployment()).TaskGroups.app?.Promoted === true) return true;
    await this.#rig.write(`deployment/promote/${id}`, { DeploymentID: id, All: true });
    return true;
  }

  async #scale(number: number, onSubmitted: () => void): Promise<void> {
    this.#count = countAfter(number);
    await this.#rig.write(`job/${SERVICE}/scale`, { Count: this.#count, Target: { Group: 'app' } });
    await this.#readVersion();
    onSubmitted();
    await this.#isAllThereIs();
  }

  /** Of the node that has most of the instances. */
  async #drain(onSubmitted: () => void): Promise<void> {
    const id = await this.#fullestNode();
    const DrainSpec = { Deadline: DRAIN_DEADLINE, IgnoreSystemJobs: false };
    await this.#rig.write(`node/${id}/drain`, { NodeID: id, DrainSpec });
    onSubmitted();
    await until(
      'the node is empty',
      async () => {
        const here = (await this.instances()).filter((each) => each.NodeID === id && !isClientTerminal(each));
        const { Drain } = await this.#rig.server.read<{ Drain: boolean }>(`node/${id}`);
        return here.length === 0 && !Drain;
      },
      PATIENCE_MS,
    );
    await until('it takes instances again', async () => {
      await this.#rig.write(`node/${id}/eligibility`, { NodeID: id, Eligibility: 'eligible' });
      return true;
    });
    await this.#isAllThereIs();
  }

  async #fullestNode(): Promise<string> {
    const perNode = new Map<string, number>();
    for (const { NodeID, DesiredStatus } of await this.instances())
      if (DesiredStatus === 'run') perNode.set(NodeID, (perNode.get(NodeID) ?? 0) + 1);
    const [fullest] = [...perNode].sort(([, a], [, b]) => b - a);
    if (fullest === undefined) throw new Error('no node has an instance');
    return fullest[0];
  }

  async #register(number: number, canaries: number): Promise<void> {
    const { listen, instance } = this.#rig;
    const job = serviceJob({ listen, instance, version: `v${number}`, count: this.#count, canaries });
    await this.#rig.write('jobs', { Job: job });
    await this.#readVersion();
  }

  async #readVersion(): Promise<void> {
    this.#version = (await this.#rig.server.read<{ Version: number }>(`job/${SERVICE}`)).Version;
  }

  /** Older instances may still finish what is in flight; none of them is wanted any more. */
  async #isAllThereIs(): Promise<void> {
    await until(
      `version ${this.#version} is all there is`,
      async () => {
        const { JobVersion, Status, StatusDescription } = await this.#deployment();
        const wanted = (await this.instances()).filter((each) => each.DesiredStatus === 'run');
        const serving = wanted.filter((each) => each.ClientStatus === 'running' && each.JobVersion === this.#version);
        const isOver = JobVersion !== this.#version || Status === 'successful';
        if (isOver && wanted.length === this.#count && serving.length === this.#count) return true;
        throw new Error(
          `the deployment of version ${JobVersion} is ${Status}, ${StatusDescription}; ${wanted.length} of ${this.#count} instances are wanted, ${serving.length} run`,
        );
      },
      PATIENCE_MS,
    );
  }

  #deployment(): Promise<Deployment> {
    return this.#rig.server.read(`job/${SERVICE}/deployment`);
  }
}
