/** Random writes for the property tests, over few ids so that they meet often. */
import fc from 'fast-check';
import { type Allocation, ClientStatuses, DesiredStatuses, isClientTerminal } from '../model/allocation.ts';
import { alloc, deployment, evaluation, job, node, port } from './fixtures.ts';
import type { WriteTx } from './types.ts';

export const NODE_IDS = ['node-1', 'node-2', 'node-3'];
export const JOB_IDS = ['api', 'batch'];
const ALLOC_IDS = Array.from({ length: 8 }, (_, at) => `a${at}`);
const EVAL_IDS = ['e1', 'e2', 'e3', 'e4'];
const GROUPS = ['web', 'db'];

/** One write; shown in a counterexample as what it does. */
export type Step = { readonly [what: string]: unknown } & { readonly run: (tx: WriteTx) => void };

const nodeId = fc.constantFrom(...NODE_IDS);
const jobId = fc.constantFrom(...JOB_IDS);
const allocId = fc.constantFrom(...ALLOC_IDS);
const evalId = fc.constantFrom(...EVAL_IDS);
const group = fc.constantFrom(...GROUPS);
const size = fc.constantFrom(100, 250, 500);

/** A new version, one higher than the newest. */
const putJob = fc.record({ id: jobId, cpu: size, groups: fc.subarray(GROUPS, { minLength: 1 }) }).map((what) => ({
  putJob: what,
  run: (tx: WriteTx) => {
    const newest = tx.jobVersions('default', what.id)[0]?.Version ?? -1;
    const shapes = what.groups.map((name) => ({ name, cpu: what.cpu, memoryMB: what.cpu / 2 }));
    tx.putJob(job({ ID: what.id, Version: newest + 1 }, shapes));
  },
}));

const touchJob = fc.record({ id: jobId, back: fc.nat(3), Stable: fc.boolean() }).map((what) => ({
  touchJob: what,
  run: (tx: WriteTx) => {
    const version = tx.jobVersions('default', what.id)[what.back];
    if (version) tx.touchJob({ ...version, Stable: what.Stable });
  },
}));

const deleteJob = jobId.map((id) => ({ deleteJob: id, run: (tx: WriteTx) => tx.deleteJob('default', id) }));

const placement: fc.Arbitrary<Partial<Allocation> & Pick<Allocation, 'ID' | 'JobID' | 'PreviousAllocation'>> =
  fc.record({
    ID: allocId,
    JobID: jobId,
    NodeID: nodeId,
    TaskGroup: group,
    EvalID: evalId,
    DeploymentID: fc.constantFrom('', 'd1', 'd2'),
    Ports: fc.subarray([20_000, 20_001]).map((ports) => ports.map(port)),
    PreviousAllocation: fc.constantFrom('', ...ALLOC_IDS),
    AwaitsPrevious: fc.boolean(),
  });

/** Only a new id: an allocation never moves to another node, job or group. A predecessor is older, so none waits in a ring. */
const place = placement.map((what) => ({
  place: what,
  run: (tx: WriteTx) => {
    const version = tx.job('default', what.JobID)?.Version;
    if (version === undefined || tx.alloc(what.ID) || what.PreviousAllocation >= what.ID) return;
    tx.putAlloc(alloc({ ...what, JobVersion: version }));
  },
}));

const change = fc.record({
  ID: allocId,
  ClientStatus: fc.constantFrom(...Object.values(ClientStatuses)),
  DesiredStatus: fc.constantFrom(...Object.values(DesiredStatuses)),
  inPlace: fc.boolean(),
  serverSide: fc.boolean(),
});

/** What has ended stays ended. */
const changeAlloc = change.map((what) => ({
  change: what,
  run: (tx: WriteTx) => {
    const { ID, ClientStatus, DesiredStatus, inPlace, serverSide } = what;
    const row = tx.alloc(ID);
    if (!row || isClientTerminal(row)) return;
    const newest = tx.job('default', row.JobID)?.Version ?? row.JobVersion;
    const JobVersion = inPlace ? newest : row.JobVersion;
    tx.putAlloc({ ...row, ClientStatus, DesiredStatus, JobVersion }, { serverSide });
  },
}));

const deleteAlloc = allocId.map((id) => ({ deleteAlloc: id, run: (tx: WriteTx) => tx.deleteAlloc(id) }));

const putEvaluation = fc
  .record({ ID: evalId, JobID: jobId, queued: fc.option(fc.dictionary(group, fc.nat(5)), { nil: undefined }) })
  .map((what) => ({
    putEvaluation: what,
    run: (tx: WriteTx) => {
      const JobID = tx.evaluation(what.ID)?.JobID ?? what.JobID;
      tx.putEvaluation(evaluation({ ID: what.ID, JobID, ...(what.queued && { QueuedAllocations: what.queued }) }));
    },
  }));

const deleteEvaluation = evalId.map((id) => ({ deleteEvaluation: id, run: (tx: WriteTx) => tx.deleteEvaluation(id) }));

const others = fc.oneof(
  nodeId.map((ID) => ({ putNode: ID, run: (tx: WriteTx) => tx.putNode(node({ ID })) })),
  nodeId.map((ID) => ({ deleteNode: ID, run: (tx: WriteTx) => tx.deleteNode(ID) })),
  fc
    .constantFrom('d1', 'd2')
    .map((ID) => ({ putDeployment: ID, run: (tx: WriteTx) => tx.putDeployment(deployment({ ID })) })),
  fc.constantFrom('d1', 'd2').map((ID) => ({ deleteDeployment: ID, run: (tx: WriteTx) => tx.deleteDeployment(ID) })),
  fc.nat(9).map((value) => ({ putMeta: value, run: (tx: WriteTx) => tx.putMeta('m', value) })),
);

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: putJob },
  { weight: 1, arbitrary: touchJob },
  { weight: 1, arbitrary: deleteJob },
  { weight: 6, arbitrary: place },
  { weight: 6, arbitrary: changeAlloc },
  { weight: 2, arbitrary: deleteAlloc },
  { weight: 2, arbitrary: putEvaluation },
  { weight: 1, arbitrary: deleteEvaluation },
  { weight: 2, arbitrary: others },
);

export interface Transaction {
  readonly steps: readonly Step[];
  /** The callback throws after its last step. */
  readonly throws: boolean;
}

export const transaction: fc.Arbitrary<Transaction> = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 6 }),
  throws: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
});

export const transactions = fc.array(transaction, { minLength: 1, maxLength: 25 });

export function run(tx: WriteTx, { steps, throws }: Transaction): void {
  for (const each of steps) each.run(tx);
  if (throws) throw new Error('the callback threw');
}
