/** Ours: what ingresses ask (the routing table) and say (what they have applied, what is drained). */

import { ingressStatus } from '../../ingress/ingress-status.ts';
import { SerinError } from '../../lib/errors.ts';
import type { Allocation } from '../../model/allocation.ts';
import type { IngressNode, IngressReport } from '../../model/ingress.ts';
import type { OverrideChange } from '../../server/ingress-overrides.ts';
import type { Change, ReadTx } from '../../state/types.ts';
import { type Answer, found, json } from '../answer.ts';
import { answerRead } from '../blocking.ts';
import { type Body, bodyOf, isObject, textOf } from '../body.ts';
import type { HttpDeps } from '../deps.ts';
import { checkUuid } from '../list.ts';
import type { Call, Route } from '../route.ts';
import { hasServices } from '../service-change.ts';
import { ingressFacts } from './ingress-facts.ts';
import { steadyTable, TABLES } from './steady-table.ts';

export function ingressRoutes(deps: HttpDeps): readonly Route[] {
  const tableAt = steadyTable(deps.planIngressTable);
  return [
    {
      path: '/v1/ingress/table',
      GET: (call) =>
        answerRead(deps, call, { tables: TABLES, relevant: isAboutRoutes }, (tx) => {
          const table = tableAt(tx);
          return found(table.Index, table);
        }),
    },
    {
      path: '/v1/ingress/status',
      GET: (call) =>
        answerRead(deps, call, { tables: TABLES, relevant: isAboutRoutes }, (tx) => {
          const table = tableAt(tx);
          return found(table.Index, ingressStatus(ingressFacts(tx, deps, table)));
        }),
    },
    { path: '/v1/ingress/server/:id', PUT: (call) => override(deps, call) },
    { path: '/v1/ingress/report', PUT: (call) => report(deps, call) },
    { path: '/v1/ingress/:id', DELETE: (call) => remove(deps, call) },
    {
      path: '/v1/ingresses',
      GET: (call) =>
        answerRead(deps, call, { tables: ['ingresses'] }, (tx) =>
          found(tx.tableIndex('ingresses'), ingresses(tx, deps)),
        ),
    },
  ];
}

async function override({ server }: HttpDeps, call: Call): Promise<Answer> {
  const id = (call.params.id ?? '').toLowerCase();
  checkUuid(id, 'allocation');
  return json(await server.overrideIngress(id, changeOf(bodyOf(call))));
}

function changeOf({ Action, Weight, Backend }: Body): OverrideChange {
  const backend = textOf(Backend);
  switch (Action) {
    case 'drain':
    case 'ready':
      return { kind: Action };
    case 'weight':
      if (typeof Weight !== 'number') throw new SerinError('badRequest', 'Weight must be a number: a percentage.');
      return { kind: 'weight', percent: Weight };
    case 'add':
    case 'remove':
      if (backend === '') throw new SerinError('badRequest', 'Backend must be named, as "namespace/job/service".');
      return { kind: Action, backend };
    default:
      throw new SerinError('badRequest', 'Action must be one of drain, ready, weight, add, remove.');
  }
}

/** The rows, with what each ingress said last. */
function ingresses(tx: ReadTx, { traffic }: HttpDeps): IngressNode[] {
  const words = new Map(traffic?.reports().map((word) => [word.report.ID, word]));
  return tx.ingresses().map((row) => {
    const word = words.get(row.ID);
    if (word === undefined) return row;
    const { AppliedIndex, Servers } = word.report;
    return { ...row, LeaseUntilMs: word.leaseUntilMs, AppliedIndex, Servers };
  });
}

const isAboutRoutes = (change: Change): boolean =>
  change.table !== 'allocs' || hasServices(change) || isSetByHand(change);

/** Such an instance may take requests without a service of its own. */
function isSetByHand({ before, after }: Change): boolean {
  return [before, after].some((row) => (row as Allocation | undefined)?.Ingress !== undefined);
}

async function report({ server }: HttpDeps, call: Call): Promise<Answer> {
  const body = bodyOf(call);
  if (typeof body.ID !== 'string' || body.ID === '' || !isObject(body.Servers)) {
    throw new SerinError('badRequest', 'The body must be the report of an ingress, with its ID and its Servers.');
  }
  await server.reportIngress(body as unknown as IngressReport);
  return json({});
}

async function remove({ server }: HttpDeps, call: Call): Promise<Answer> {
  await server.removeIngress(call.params.id ?? '');
  return json({});
}
