/** Ours: what ingresses ask (the routing table) and say (what they have applied, what is drained). */
import { SerinError } from '../../lib/errors.ts';
import type { IngressReport } from '../../model/ingress.ts';
import { type Answer, found, json } from '../answer.ts';
import { answerRead } from '../blocking.ts';
import { bodyOf, isObject } from '../body.ts';
import type { HttpDeps } from '../deps.ts';
import type { Call, Route } from '../route.ts';
import { steadyTable } from './steady-table.ts';

export function ingressRoutes(deps: HttpDeps): readonly Route[] {
  const tableAt = steadyTable(deps.planIngressTable);
  return [
    {
      path: '/v1/ingress/table',
      GET: (call) =>
        answerRead(deps, call, { tables: ['jobs', 'allocs', 'deployments'] }, (tx) => {
          const table = tableAt(tx);
          return found(table.Index, table);
        }),
    },
    { path: '/v1/ingress/report', PUT: (call) => report(deps, call) },
    { path: '/v1/ingress/:id', DELETE: (call) => remove(deps, call) },
    {
      path: '/v1/ingresses',
      GET: (call) =>
        answerRead(deps, call, { tables: ['ingresses'] }, (tx) => found(tx.tableIndex('ingresses'), tx.ingresses())),
    },
  ];
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
