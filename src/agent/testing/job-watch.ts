/** What tests of the whole program ask of a job: its instances, its deployment, and whether an update is over. */
import { type Allocation, isClientTerminal } from '../../model/allocation.ts';
import type { Deployment } from '../../model/deployment.ts';
import type { LiveAgent } from './live-agent.ts';
import { until } from './until.ts';

export type Instance = Pick<
  Allocation,
  | 'ID'
  | 'Name'
  | 'TaskGroup'
  | 'JobVersion'
  | 'ClientStatus'
  | 'DesiredStatus'
  | 'TaskStates'
  | 'CreateTime'
  | 'DeploymentStatus'
>;

export const instancesOf = (agent: LiveAgent, job: string): Promise<Instance[]> => agent.read(`job/${job}/allocations`);

export const deploymentOf = (agent: LiveAgent, job: string): Promise<Deployment> => agent.read(`job/${job}/deployment`);

/** An update is many steps, each of which a busy machine may be late with. */
const PATIENCE_MS = 150_000;

/** The deployment of this version of the job is over; nothing of another version lives. */
export async function updated(agent: LiveAgent, job: string, version: number, patienceMs = PATIENCE_MS): Promise<void> {
  const isOver = async (): Promise<boolean> => {
    const deployment = await deploymentOf(agent, job);
    if (deployment.JobVersion !== version) throw new Error(`the deployment is of version ${deployment.JobVersion}`);
    if (deployment.Status !== 'successful')
      throw new Error(`the deployment is ${deployment.Status}: ${JSON.stringify(deployment)}`);
    const old = (await instancesOf(agent, job)).filter(
      (each) => each.JobVersion !== version && !isClientTerminal(each),
    );
    if (old.length > 0) throw new Error(`${old.length} instances of another version live: ${JSON.stringify(old)}`);
    return true;
  };
  await until(`version ${version} of ${job} is all there is`, isOver, patienceMs);
}

/** The process ids of the instances that answer behind a port, found by asking. */
export async function answeringPids(url: string, requests = 60): Promise<Set<number>> {
  const pids = new Set<number>();
  for (let at = 0; at < requests; at++) {
    const text = await (await fetch(url)).text();
    pids.add(Number(text.split(' ')[1]));
  }
  return pids;
}
