/** From what a person types (an id or its beginning) to the one thing that it means. */
import type { Read } from '../api/requester.ts';
import type { AllocStub, DeploymentView, EvalView, JobStub, NodeStub } from '../api/views.ts';
import { type CommandContext, UsageError } from './command.ts';
import { explaining } from './explaining.ts';
import { formatDeploymentList } from './format/deployment.ts';
import { formatEvaluationList } from './format/evaluation.ts';
import { formatAllocList, formatJobList } from './format/job.ts';
import { formatNodeList } from './format/node.ts';

/** The job of that id, or the only one whose id begins so. */
export async function findJob(context: CommandContext, prefix: string): Promise<JobStub> {
  const { data } = await explaining('Error querying job prefix', context.client.jobs.list(prefix));
  const exact = data.find((job) => job.ID === prefix);
  if (exact) return exact;
  if (data.length === 0) throw new UsageError(`No job(s) with prefix or id "${prefix}" found`);
  if (data.length > 1) throw new UsageError(`Prefix matched multiple jobs\n\n${formatJobList(data)}`);
  return data[0]!;
}

export async function findAllocation(context: CommandContext, prefix: string): Promise<string> {
  const list = (id: string) => explaining('Error querying allocation', context.client.allocations.list(id));
  return findById(prefix, list, 'allocation', (matches: AllocStub[]) => formatAllocList(matches, viewOf(context)));
}

export async function findEvaluation(context: CommandContext, prefix: string): Promise<string> {
  const list = (id: string) => explaining('Error querying evaluation', context.client.evaluations.list(id));
  return findById(prefix, list, 'evaluation', (matches: EvalView[]) => formatEvaluationList(matches, viewOf(context)));
}

export async function findDeployment(context: CommandContext, prefix: string): Promise<string> {
  const list = (id: string) => explaining('Error retrieving deployment', context.client.deployments.list(id));
  const table = (matches: DeploymentView[]) => formatDeploymentList(matches, viewOf(context));
  return findById(prefix, list, 'deployment', table);
}

export async function findNode(context: CommandContext, prefix: string): Promise<string> {
  const list = (id: string) => explaining('Error querying node', context.client.nodes.list(id));
  return findById(prefix, list, 'node', (matches: NodeStub[]) => formatNodeList(matches, viewOf(context)));
}

/** Ambiguity lists whole ids, since the short ones may be equal. */
const viewOf = (context: CommandContext) => ({ nowMs: context.clock.nowMs(), verbose: true });

const WHOLE_ID = 36;
const NEVER_IN_IDS = /[^0-9a-f-]/i;

async function findById<T extends { readonly ID: string }>(
  prefix: string,
  list: (prefix: string) => Promise<Read<T[]>>,
  noun: string,
  table: (matches: T[]) => string,
): Promise<string> {
  if (prefix.length < 2) throw new UsageError('Identifier must contain at least two characters.');
  if (NEVER_IN_IDS.test(prefix)) {
    throw new UsageError(`No ${noun}(s) with prefix or id "${prefix}" found: an id has only digits, a to f and "-"`);
  }
  if (prefix.length === WHOLE_ID) return prefix;
  const { data } = await list(prefix);
  if (data.length === 0) throw new UsageError(`No ${noun}(s) with prefix or id "${prefix}" found`);
  if (data.length > 1) throw new UsageError(`Prefix matched multiple ${noun}s\n\n${table(data)}`);
  return data[0]!.ID;
}
