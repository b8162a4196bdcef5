/** Ours: what ingresses ask (the routing table) and say (what they have applied, what is drained). */
import { SerinError } from '../../lib/errors.ts';
import type { IngressNode, IngressReport } from '../../model/ingress.ts';
import type { Change, ReadTx } from '../../state/types.ts';
import { type Answer, found, json } from '../answer.ts';
import { answerRead } from '../blocking.ts';
import { bodyOf, isObject } from '../body.ts';
import type { HttpDeps } from '../deps.ts';
import type { Call, Route } from '../route.ts';
import { hasServices } from '../service-change.ts';
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

const isAboutRoutes = (change: Change): boolean => change.table !== 'allocs' || hasServices(change);

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
