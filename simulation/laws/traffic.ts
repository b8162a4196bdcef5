/** The laws about traffic: of every table that an ingress applied, and of every kill. */
import type { Allocation } from '../../src/model/allocation.ts';
import { isDeploymentActive } from '../../src/model/deployment.ts';
import type { Backend, RoutingTable } from '../../src/model/ingress.ts';
import { updateKind } from '../../src/model/update-kind.ts';
import type { ReadTx } from '../../src/state/types.ts';
import { awaitsPromotion, inWords, isBlueGreen, isResting, isWanted, stateOf } from './instances.ts';
import type { Verdicts } from './laws.ts';

/** `tx` is the state that the table was planned from. */
export function checkTable(verdicts: Verdicts, tx: ReadTx, table: RoutingTable, who: string): void {
  const backends = new Map(
    table.Frontends.flatMap(({ Routes }) => Routes).map(({ Backend: backend }) => [backend.ID, backend]),
  );
  for (const backend of backends.values()) {
    // A preview is meant to reach the new set.
    if (backend.ID.endsWith('/preview')) continue;
    const routable = routableOf(tx, backend);
    for (const alloc of routable) checkPreview(verdicts, tx, alloc, who);
    checkReturn(verdicts, tx, backend, routable, who);
    checkFlip(verdicts, tx, routable, who);
    checkShare(verdicts, tx, backend, routable, who);
  }
}

export function checkKill(verdicts: Verdicts, alloc: Allocation, reaching: { readonly id: string } | undefined): void {
  verdicts.check(
    'drain',
    reaching === undefined,
    () => `${alloc.Name} (${alloc.ID}) is killed while ${reaching?.id} still reaches it`,
  );
}

/** The instances to which new requests may go. */
function routableOf(tx: ReadTx, backend: Backend): Allocation[] {
  return backend.Pools.filter(({ Weight }) => Weight > 0)
    .flatMap(({ Servers }) => Servers)
    .filter(({ State }) => State === 'ready')
    .flatMap(({ AllocID }) => tx.alloc(AllocID) ?? []);
}

/** It took the place of one that ran the same specification, and was lost. */
function isRepaired(tx: ReadTx, alloc: Allocation): boolean {
  const previous = tx.alloc(alloc.PreviousAllocation);
  const jobAt = ({ Namespace, JobID, JobVersion }: Allocation) => tx.jobVersion(Namespace, JobID, JobVersion);
  const [before, now] = [previous && jobAt(previous), jobAt(alloc)];
  const isCanary = alloc.DeploymentStatus?.Canary === true;
  return !isCanary && !!before && !!now && updateKind(before, now, alloc.TaskGroup) !== 'destructive';
}

/** Those that were there before the deployment and were moved into it in place serve as they did. */
function checkPreview(verdicts: Verdicts, tx: ReadTx, alloc: Allocation, who: string): void {
  const of = stateOf(tx, alloc);
  if (!of || !isBlueGreen(of.state) || alloc.CreateIndex < of.deployment.CreateIndex || isRepaired(tx, alloc)) return;
  verdicts.check(
    'preview',
    of.state.Promoted || !isDeploymentActive(of.deployment),
    () => `${who} sends requests to ${inWords(alloc)}, of a blue/green deployment that is not promoted`,
  );
}

/** The last one that is ready is never taken away, whatever became of its deployment. */
function checkReturn(
  verdicts: Verdicts,
  tx: ReadTx,
  backend: Backend,
  routable: readonly Allocation[],
  who: string,
): void {
  const known = backend.Pools.flatMap(({ Servers }) => Servers).flatMap(({ AllocID }) => tx.alloc(AllocID) ?? []);
  for (const alloc of known.filter((each) => isAbandoned(tx, each))) {
    const other = known.find((each) => each.TaskGroup === alloc.TaskGroup && isReadyFor(tx, each, backend.Service));
    verdicts.check(
      'return',
      !routable.includes(alloc) || other === undefined,
      () =>
        `${who} sends requests to ${inWords(alloc)}, a canary that was taken back, though ${other && inWords(other)} is ready`,
    );
  }
}

/** A canary of a deployment that failed, or whose job was reverted. */
function isAbandoned(tx: ReadTx, alloc: Allocation): boolean {
  if (!awaitsPromotion(tx, alloc)) return false;
  const job = tx.job(alloc.Namespace, alloc.JobID);
  const isReverted = job?.RevertOf !== undefined && job.Version > alloc.JobVersion;
  return isReverted || stateOf(tx, alloc)?.deployment.Status === 'failed';
}

/** While one of the new set is there to answer, none of the old set does. */
function checkFlip(verdicts: Verdicts, tx: ReadTx, routable: readonly Allocation[], who: string): void {
  for (const green of routable) {
    const of = stateOf(tx, green);
    if (!of?.state.Promoted || !isBlueGreen(of.state) || of.deployment.Status === 'failed') continue;
    const old = routable.find(
      (alloc) =>
        alloc.TaskGroup === green.TaskGroup &&
        alloc.DeploymentID !== green.DeploymentID &&
        alloc.JobVersion < of.deployment.JobVersion,
    );
    verdicts.check(
      'flip',
      old === undefined,
      () => `${who} sends requests to ${old && inWords(old)}, though ${inWords(green)} was promoted`,
    );
    return;
  }
}

function checkShare(
  verdicts: Verdicts,
  tx: ReadTx,
  backend: Backend,
  routable: readonly Allocation[],
  who: string,
): void {
  const [namespace = '', jobId = ''] = backend.ID.split('/');
  const ready = tx.allocsByJob(namespace, jobId).find((alloc) => isReadyFor(tx, alloc, backend.Service));
  if (!ready) return;
  verdicts.check(
    'share',
    routable.length > 0,
    () => `${who} sends nothing to anybody, though ${inWords(ready)} is ready`,
  );
}

/** Wanted, ready at its node, no canary that has yet to be promoted, and not of an old set that rests. */
const isReadyFor = (tx: ReadTx, alloc: Allocation, service: string): boolean =>
  isWanted(alloc) &&
  !isResting(alloc) &&
  alloc.ClientStatus === 'running' &&
  !awaitsPromotion(tx, alloc) &&
  (alloc.Services ?? []).some((each) => each.Service === service && each.Status === 'passing');
