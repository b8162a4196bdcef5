/** What people do to the service of a scenario, what they were told, and what they may rely on since. */
import type { Random } from '../src/lib/random.ts';
import { randomInt } from '../src/lib/random.ts';
import { isClientTerminal } from '../src/model/allocation.ts';
import { type Deployment, isDeploymentActive } from '../src/model/deployment.ts';
import { DEFAULT_NAMESPACE, findGroup, type Job } from '../src/model/job.ts';
import { SECOND } from '../src/model/nanos.ts';
import type { Judge } from './laws/judge.ts';
import type { Fate } from './sim-runner.ts';
import { JOB_ID, type JobSpec, jobRequest, plainSpec, specInWords, withCount, withEndOfWait } from './spec.ts';
import type { World } from './world.ts';

export class Story {
  readonly world: World;
  readonly random: Random;
  readonly judge: Judge;
  readonly say: (event: string) => void;
  spec: JobSpec;
  #release = 0;
  #accepted: JobSpec | undefined;

  constructor(world: World, random: Random, judge: Judge, spec: JobSpec, say: (event: string) => void) {
    this.world = world;
    this.random = random;
    this.judge = judge;
    this.say = say;
    this.spec = spec;
  }

  get job(): Job | undefined {
    return this.world.view((tx) => tx.job(DEFAULT_NAMESPACE, JOB_ID));
  }

  /** The job's newest deployment, while it has not ended. */
  get deployment(): Deployment | undefined {
    const newest = this.world.view((tx) => tx.deploymentsByJob(DEFAULT_NAMESPACE, JOB_ID)[0]);
    return isDeploymentActive(newest) ? newest : undefined;
  }

  /** True when it was taken. */
  async submit(fate: Fate = 'healthy'): Promise<boolean> {
    this.#release += 1;
    const release = this.#release;
    this.world.fates.set(String(release), fate);
    const taken = await this.#changeJob(`submit release ${release}, ${fate}: ${specInWords(this.spec)}`, () =>
      this.world.server.registerJob({ Job: jobRequest(release, this.spec) }),
    );
    if (taken) this.#accepted = this.spec;
    else this.spec = this.#accepted ?? plainSpec(this.spec);
    return taken;
  }

  /** The same release with another count: a job file of which nothing else was touched. */
  async submitCount(group: string, count: number): Promise<void> {
    const release = Number(this.job?.Meta?.release ?? this.#release);
    const spec = withCount(this.spec, group, count);
    const taken = await this.#changeJob(`submit release ${release} with ${count} of ${group}`, () =>
      this.world.server.registerJob({ Job: jobRequest(release, spec) }),
    );
    if (taken) this.spec = spec;
  }

  async scale(group: string, count: number): Promise<void> {
    const taken = await this.#changeJob(`scale ${group} to ${count}`, () =>
      this.world.server.scaleJob({ namespace: DEFAULT_NAMESPACE, jobId: JOB_ID, group, count }),
    );
    if (taken) this.spec = withCount(this.spec, group, count);
  }

  async revert(version: number): Promise<void> {
    await this.#changeJob(`revert to version ${version}`, () =>
      this.world.server.revertJob({ namespace: DEFAULT_NAMESPACE, jobId: JOB_ID, version }),
    );
  }

  async stop(): Promise<void> {
    if (!this.job || this.job.Stop) return;
    await this.#changeJob('stop the job', () =>
      this.world.server.deregisterJob(DEFAULT_NAMESPACE, JOB_ID, { purge: false }),
    );
  }

  async promote({ ID, JobVersion, TaskGroups }: Deployment, groups?: readonly string[]): Promise<void> {
    const which = groups ?? Object.keys(TaskGroups);
    const words = `promote ${groups ? `${groups.join()} of ` : ''}version ${JobVersion}`;
    if (!(await this.#ask(words, () => this.world.server.promoteDeployment(ID, groups)))) return;
    this.judge.acknowledged.note(`promote ${ID} ${which.join()}`, {
      what: `"${words}"`,
      holds: (tx) => which.every((name) => tx.deployment(ID)?.TaskGroups[name]?.Promoted ?? true),
    });
  }

  async pause({ ID, JobVersion }: Deployment): Promise<void> {
    this.judge.acknowledged.forget(`pause ${ID}`);
    const words = `pause version ${JobVersion}`;
    if (!(await this.#ask(words, () => this.world.server.pauseDeployment(ID)))) return;
    this.judge.acknowledged.note(`pause ${ID}`, {
      what: `"${words}"`,
      holds: (tx) => tx.deployment(ID)?.Status !== 'running',
    });
  }

  async resume({ ID, JobVersion }: Deployment): Promise<void> {
    this.judge.acknowledged.forget(`pause ${ID}`);
    const words = `resume version ${JobVersion}`;
    if (!(await this.#ask(words, () => this.world.server.resumeDeployment(ID)))) return;
    this.judge.acknowledged.note(`pause ${ID}`, {
      what: `"${words}"`,
      holds: (tx) => tx.deployment(ID)?.Status !== 'paused',
    });
  }

  async fail({ ID, JobVersion }: Deployment): Promise<void> {
    const words = `fail version ${JobVersion}`;
    if (!(await this.#ask(words, () => this.world.server.failDeployment(ID)))) return;
    this.judge.acknowledged.note(`fail ${ID}`, {
      what: `"${words}"`,
      holds: (tx) => (tx.deployment(ID)?.Status ?? 'failed') === 'failed',
    });
  }

  /** One instance, or in calm all of those that wait for a person's word. */
  async judgeByHand({ ID, JobVersion }: Deployment, healthy: boolean, allocIds: readonly string[]): Promise<void> {
    if (allocIds.length === 0) return;
    await this.#ask(`${allocIds.length} of version ${JobVersion} are ${healthy ? 'healthy' : 'unhealthy'}`, () =>
      this.world.server.setAllocHealth({
        deploymentId: ID,
        healthy: healthy ? allocIds : [],
        unhealthy: healthy ? [] : allocIds,
      }),
    );
  }

  async stopAlloc(allocId: string): Promise<void> {
    const words = `stop alloc ${allocId.slice(0, 8)}`;
    if (!(await this.#ask(words, () => this.world.server.stopAlloc(allocId)))) return;
    this.judge.acknowledged.note(words, {
      what: `"${words}"`,
      holds: (tx) => tx.alloc(allocId)?.DesiredTransition?.Migrate !== false,
    });
  }

  async setEligibility(nodeId: string, eligibility: 'eligible' | 'ineligible'): Promise<void> {
    const about = `eligibility ${nodeId}`;
    this.judge.acknowledged.forget(about);
    const words = `node ${nodeId.slice(0, 8)} is ${eligibility}`;
    if (!(await this.#ask(words, () => this.world.server.setEligibility(nodeId, eligibility)))) return;
    this.judge.acknowledged.note(about, {
      what: `"${words}"`,
      holds: (tx) => (tx.node(nodeId)?.SchedulingEligibility ?? eligibility) === eligibility,
    });
  }

  async drain(nodeId: string, deadlineSeconds: number): Promise<void> {
    const about = `drain ${nodeId}`;
    this.judge.acknowledged.forget(about);
    this.judge.acknowledged.forget(`eligibility ${nodeId}`);
    const words = `drain node ${nodeId.slice(0, 8)} in ${deadlineSeconds} s`;
    const spec = { Deadline: deadlineSeconds * SECOND, IgnoreSystemJobs: false };
    if (!(await this.#ask(words, () => this.world.server.drainNode(nodeId, { spec, markEligible: false, meta: null }))))
      return;
    this.judge.acknowledged.note(about, {
      what: `"${words}"`,
      holds: (tx) => {
        const node = tx.node(nodeId);
        return node === undefined || node.Drain || node.LastDrain?.Status === 'complete';
      },
    });
  }

  async endDrain(nodeId: string): Promise<void> {
    const about = `drain ${nodeId}`;
    this.judge.acknowledged.forget(about);
    this.judge.acknowledged.forget(`eligibility ${nodeId}`);
    const words = `end the drain of node ${nodeId.slice(0, 8)}`;
    const request = { spec: null, markEligible: true, meta: null };
    if (!(await this.#ask(words, () => this.world.server.drainNode(nodeId, request)))) return;
    this.judge.acknowledged.note(about, { what: `"${words}"`, holds: (tx) => tx.node(nodeId)?.Drain !== true });
  }

  /** Instances of a deployment that nobody has judged, of groups of which a person judges. */
  unjudged(deployment: Deployment): string[] {
    return this.world.view((tx) => {
      const job = tx.jobVersion(deployment.Namespace, deployment.JobID, deployment.JobVersion);
      return tx
        .allocsByDeployment(deployment.ID)
        .filter((alloc) => {
          const group = job && findGroup(job, alloc.TaskGroup);
          const isOpen = alloc.DesiredStatus === 'run' && !isClientTerminal(alloc);
          return isOpen && group?.Update?.HealthCheck === 'manual' && alloc.ClientStatus === 'running';
        })
        .filter((alloc) => (alloc.DeploymentStatus?.Healthy ?? null) === null)
        .map((alloc) => alloc.ID);
    });
  }

  /** The server's process has ended; after a while there is another, which knows what was acknowledged. */
  async recover(): Promise<void> {
    await this.world.clock.advance(randomInt(this.random, 3000));
    await this.world.startServer();
    this.say('the server is back');
    this.world.view((tx) => this.judge.restart(tx));
  }

  /** Every fault ends. */
  async mend(): Promise<void> {
    const { world } = this;
    if (!world.isUp) await this.recover();
    world.calm();
    if (world.nodes.every((node) => node.isDead)) await world.addNode();
    for (const node of world.nodes) if (!node.isDead) await this.endDrain(node.id);
    this.say('calm');
  }

  /** And the last version is a good one. */
  async calm(): Promise<void> {
    await this.mend();
    this.spec = withEndOfWait(this.spec);
    if (await this.submit()) return;
    this.spec = plainSpec(this.spec);
    await this.submit();
  }

  /** A person is present: promotes what waits, resumes what is paused, judges what is theirs to judge. */
  async attend(): Promise<void> {
    const { deployment } = this;
    if (!deployment) return;
    if (deployment.Status === 'paused') await this.resume(deployment);
    await this.judgeByHand(deployment, true, this.unjudged(deployment));
    const waits = Object.values(deployment.TaskGroups).some(
      (state) => state.DesiredCanaries > 0 && !state.Promoted && state.HealthyAllocs >= state.DesiredCanaries,
    );
    if (waits) await this.promote(deployment);
  }

  /** The job as it is now must be no older than what was acknowledged. */
  async #changeJob(words: string, ask: () => Promise<{ readonly JobModifyIndex: number }>): Promise<boolean> {
    this.judge.personActs();
    const result = await this.#ask(words, ask);
    if (!result) return false;
    this.judge.acknowledged.note('job', {
      what: `"${words}"`,
      holds: (tx) => (tx.job(DEFAULT_NAMESPACE, JOB_ID)?.JobModifyIndex ?? 0) >= result.JobModifyIndex,
    });
    return true;
  }

  /** undefined where it was refused, or the server fell before it could say. */
  async #ask<T>(words: string, ask: () => Promise<T>): Promise<T | undefined> {
    this.say(words);
    try {
      return await ask();
    } catch (error) {
      this.say(`  refused: ${error instanceof Error ? error.message : error}`);
      return undefined;
    }
  }
}
