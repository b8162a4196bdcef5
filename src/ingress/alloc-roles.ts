/** The role of every instance of a routing table: gathers what `traffic-roles.ts` decides from, group by group. */
import type { Allocation } from '../model/allocation.ts';
import type { DeploymentState } from '../model/deployment.ts';
import type { Job } from '../model/job.ts';
import { GroupFacts, isCanary, isResting } from './group-facts.ts';
import type { RoutingInput } from './routing-input.ts';
import { type TrafficRole, trafficRole } from './traffic-roles.ts';

/** An instance that stands behind a service, and whether its node finds it fit for requests. */
export interface Candidate {
  readonly alloc: Allocation;
  readonly isReady: boolean;
}

export interface AllocRole {
  readonly role: TrafficRole;
  /** Of a canary: what its deployment says of its group. */
  readonly trial: DeploymentState | undefined;
}

export function allocRoles(input: RoutingInput, candidates: readonly Candidate[]): (alloc: Allocation) => AllocRole {
  const deployments = new Map([...input.deployments].map((deployment) => [deployment.ID, deployment]));
  const factsOf = factsLookup(input);
  for (const { alloc, isReady } of candidates) {
    const facts = factsOf(alloc);
    const counts = isReady && !isCanary(alloc, deployments.get(alloc.DeploymentID)) && !isResting(alloc, facts);
    if (counts) facts.countReady(alloc.JobVersion);
  }
  return (alloc) => {
    const deployment = deployments.get(alloc.DeploymentID);
    const { role } = trafficRole({ alloc, deployment, group: factsOf(alloc) });
    const trial = isCanary(alloc, deployment) ? deployment?.TaskGroups[alloc.TaskGroup] : undefined;
    return { role, trial };
  };
}

type Place = Pick<Allocation, 'Namespace' | 'JobID' | 'TaskGroup'>;

const groupKey = ({ Namespace, JobID, TaskGroup }: Place): string => `${TaskGroup} ${Namespace}/${JobID}`;

/** The allocations of one group mostly come in a row. */
function factsLookup({ jobs, jobVersion }: RoutingInput): (alloc: Allocation) => GroupFacts {
  const current = new Map(jobs.map((job): [string, Job] => [`${job.Namespace}/${job.ID}`, job]));
  const factsOf = ({ Namespace, JobID, TaskGroup }: Allocation) =>
    new GroupFacts({
      job: current.get(`${Namespace}/${JobID}`),
      group: TaskGroup,
      jobVersion: (version) => jobVersion(Namespace, JobID, version),
    });
  const known = new Map<string, GroupFacts>();
  let before: { readonly alloc: Allocation; readonly facts: GroupFacts } | undefined;
  return (alloc) => {
    if (before !== undefined && isOfSameGroup(before.alloc, alloc)) return before.facts;
    const key = groupKey(alloc);
    const facts = known.get(key) ?? factsOf(alloc);
    known.set(key, facts);
    before = { alloc, facts };
    return facts;
  };
}

const isOfSameGroup = (a: Allocation, b: Allocation): boolean =>
  a.JobID === b.JobID && a.TaskGroup === b.TaskGroup && a.Namespace === b.Namespace;
