/** The role of every instance of a routing table: gathers what `traffic-roles.ts` decides from, group by group. */
import type { Allocation } from '../model/allocation.ts';
import type { Deployment, DeploymentState } from '../model/deployment.ts';
import type { Job } from '../model/job.ts';
import { GroupFacts, isBlueGreen, isCanary } from './group-facts.ts';
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
  const factsOf = factsLookup(input, deployments.values());
  for (const { alloc, isReady } of candidates) {
    if (isReady && !isCanary(alloc, deployments.get(alloc.DeploymentID))) factsOf(alloc).countReady(alloc.JobVersion);
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
function factsLookup(
  { jobs, jobVersion }: RoutingInput,
  deployments: Iterable<Deployment>,
): (alloc: Allocation) => GroupFacts {
  const current = new Map(jobs.map((job): [string, Job] => [`${job.Namespace}/${job.ID}`, job]));
  const flips = flipsOf(deployments);
  const factsOf = ({ Namespace, JobID, TaskGroup }: Allocation, key: string) =>
    new GroupFacts({
      job: current.get(`${Namespace}/${JobID}`),
      group: TaskGroup,
      jobVersion: (version) => jobVersion(Namespace, JobID, version),
      flips: flips.get(key) ?? new Set(),
    });
  const known = new Map<string, GroupFacts>();
  let before: { readonly alloc: Allocation; readonly facts: GroupFacts } | undefined;
  return (alloc) => {
    if (before !== undefined && isOfSameGroup(before.alloc, alloc)) return before.facts;
    const key = groupKey(alloc);
    const facts = known.get(key) ?? factsOf(alloc, key);
    known.set(key, facts);
    before = { alloc, facts };
    return facts;
  };
}

const isOfSameGroup = (a: Allocation, b: Allocation): boolean =>
  a.JobID === b.JobID && a.TaskGroup === b.TaskGroup && a.Namespace === b.Namespace;

/** By group, the versions whose whole second set was promoted. */
function flipsOf(deployments: Iterable<Deployment>): ReadonlyMap<string, ReadonlySet<number>> {
  const flips = new Map<string, Set<number>>();
  for (const { Namespace, JobID, JobVersion, TaskGroups } of deployments) {
    for (const [TaskGroup, state] of Object.entries(TaskGroups)) {
      if (!state.Promoted || !isBlueGreen(state)) continue;
      const key = groupKey({ Namespace, JobID, TaskGroup });
      flips.set(key, (flips.get(key) ?? new Set<number>()).add(JobVersion));
    }
  }
  return flips;
}
