/**
 * A committed transaction as the events of the wire. Rows say what changed, not why; the type is told from what changed
 * together, by an ordered table.
 */
import type { Allocation } from '../../model/allocation.ts';
import type { Deployment } from '../../model/deployment.ts';
import type { Evaluation } from '../../model/evaluation.ts';
import type { Job } from '../../model/job.ts';
import type { Node } from '../../model/node.ts';
import type { Change, CommittedTransaction } from '../../state/types.ts';

export const EventTopics = {
  Job: 'Job',
  Evaluation: 'Evaluation',
  Allocation: 'Allocation',
  Deployment: 'Deployment',
  Node: 'Node',
} as const;
export type EventTopic = (typeof EventTopics)[keyof typeof EventTopics];

export interface Event {
  readonly Topic: EventTopic;
  readonly Type: string;
  readonly Key: string;
  readonly Namespace: string;
  readonly FilterKeys: readonly string[] | null;
  readonly Index: number;
  /** The row; the edge makes the payload of it. */
  readonly row: unknown;
}

/** Rows that pass by topic; what has no topic is nobody's business outside. */
const TOPICS: Readonly<Record<string, EventTopic>> = {
  jobs: 'Job',
  evals: 'Evaluation',
  allocs: 'Allocation',
  deployments: 'Deployment',
  nodes: 'Node',
};

export function eventsOf(transaction: CommittedTransaction): Event[] {
  const traits = traitsOf(transaction.changes);
  return transaction.changes.flatMap((change) => {
    const topic = TOPICS[change.table];
    return topic === undefined ? [] : [eventOf(topic, change, traits, transaction.index)];
  });
}

function eventOf(topic: EventTopic, change: Change, traits: Traits, index: number): Event {
  const row = change.after ?? change.before;
  const { ID, Namespace = '' } = row as { readonly ID: string; readonly Namespace?: string };
  const type = RULES.find((rule) => rule.topic.includes(topic) && rule.holds(change, traits))?.type;
  return {
    Topic: topic,
    Type: type ?? `${topic}Updated`,
    Key: ID,
    Namespace,
    FilterKeys: filterKeysOf(topic, row),
    Index: index,
    row,
  };
}

function filterKeysOf(topic: EventTopic, row: unknown): readonly string[] | null {
  const { JobID, DeploymentID = '' } = row as Pick<Allocation, 'JobID'> & { readonly DeploymentID?: string };
  if (topic === 'Allocation' || topic === 'Evaluation') return [JobID, DeploymentID];
  return topic === 'Deployment' ? [JobID] : null;
}

/** What happened in the transaction as a whole. */
interface Traits {
  readonly registers: boolean;
  readonly deregisters: boolean;
  /** The scheduler's side of an allocation changed: a plan was applied. */
  readonly plans: boolean;
  /** A node reported. */
  readonly reports: boolean;
}

function traitsOf(changes: readonly Change[]): Traits {
  const jobs = changes.filter((change) => change.table === 'jobs');
  const allocs = changes.filter((change) => change.table === 'allocs');
  return {
    registers: jobs.some(isRegistration),
    deregisters: jobs.some(isDeregistration),
    plans: allocs.some(isPlanned),
    reports: allocs.length > 0,
  };
}

const isDeregistration = ({ before, after }: Change): boolean =>
  after === undefined || ((after as Job).Stop && (before as Job | undefined)?.Stop !== true);

const isRegistration = (change: Change): boolean =>
  !isDeregistration(change) &&
  (change.before === undefined || (change.before as Job).JobModifyIndex !== (change.after as Job).JobModifyIndex);

function isPlanned({ before, after }: Change): boolean {
  const [was, is] = [before, after] as [Allocation | undefined, Allocation | undefined];
  if (is === undefined) return false;
  return was === undefined || was.DesiredStatus !== is.DesiredStatus || was.JobVersion !== is.JobVersion;
}

interface Rule {
  readonly topic: readonly EventTopic[];
  readonly type: string;
  readonly holds: (change: Change, traits: Traits) => boolean;
}

const nodeRule = (type: string, holds: (was: Node | undefined, is: Node | undefined) => boolean): Rule => ({
  topic: ['Node'],
  type,
  holds: ({ before, after }) => holds(before as Node | undefined, after as Node | undefined),
});

const ALL_OF_A_JOB: readonly EventTopic[] = ['Job', 'Evaluation', 'Allocation', 'Deployment'];

/** The first that holds names the event. */
export const RULES: readonly Rule[] = [
  nodeRule('NodeDeregistration', (_was, is) => is === undefined),
  nodeRule('NodeRegistration', (was, is) => was === undefined || was.Status !== is?.Status),
  nodeRule('NodeDrain', (was, is) => was?.Drain !== is?.Drain || was?.DrainStrategy !== is?.DrainStrategy),
  nodeRule('NodeEligibility', (was, is) => was?.SchedulingEligibility !== is?.SchedulingEligibility),
  nodeRule('NodeStreamEvent', () => true),
  { topic: ALL_OF_A_JOB, type: 'JobDeregistered', holds: (_change, traits) => traits.deregisters },
  { topic: ALL_OF_A_JOB, type: 'JobRegistered', holds: (_change, traits) => traits.registers },
  { topic: ALL_OF_A_JOB, type: 'PlanResult', holds: (_change, traits) => traits.plans },
  {
    topic: ['Deployment'],
    type: 'DeploymentPromotion',
    holds: ({ before, after }) => isPromotion(before as Deployment | undefined, after as Deployment | undefined),
  },
  {
    topic: ['Deployment'],
    type: 'DeploymentStatusUpdate',
    holds: ({ before, after }) =>
      (before as Deployment | undefined)?.Status !== (after as Deployment | undefined)?.Status,
  },
  {
    topic: ['Evaluation'],
    type: 'AllocationUpdateDesiredStatus',
    holds: ({ before, after }) =>
      before === undefined && (after as Evaluation | undefined)?.TriggeredBy === 'deployment-watcher',
  },
  { topic: ['Evaluation'], type: 'EvaluationUpdated', holds: () => true },
  { topic: ['Allocation', 'Deployment'], type: 'AllocationUpdated', holds: (_change, traits) => traits.reports },
  { topic: ['Job'], type: 'JobRegistered', holds: () => true },
  { topic: ['Deployment'], type: 'DeploymentStatusUpdate', holds: () => true },
];

function isPromotion(was: Deployment | undefined, is: Deployment | undefined): boolean {
  if (was === undefined || is === undefined) return false;
  return Object.entries(is.TaskGroups).some(
    ([name, group]) => group.Promoted && group.DesiredCanaries > 0 && was.TaskGroups[name]?.Promoted === false,
  );
}
