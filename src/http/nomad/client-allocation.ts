/** /v1/client/allocation/:id/…: what only the node that runs the allocation can do. */
import { SerinError } from '../../lib/errors.ts';
import { json } from '../answer.ts';
import { bodyOf, textOf } from '../body.ts';
import type { Handler, Route } from '../route.ts';
import { type ClientDeps, whereItRuns } from './locate-alloc.ts';

export const clientAllocationRoutes = (deps: ClientDeps): readonly Route[] => [
  {
    path: '/v1/client/allocation/:id/stats',
    GET: whereItRuns(deps, async (node, id) => json(await node.stats(id))),
  },
  { path: '/v1/client/allocation/:id/checks', GET: checksOf(deps) },
  // Clients of later peers ask for it without /client.
  { path: '/v1/allocation/:id/checks', GET: checksOf(deps) },
  {
    path: '/v1/client/allocation/:id/restart',
    PUT: whereItRuns(deps, async (node, id, call) => {
      const body = bodyOf(call);
      const task = textOf(body.TaskName);
      if (body.AllTasks === true && task !== '')
        throw new SerinError('badRequest', 'Either AllTasks or TaskName can be given, not both.');
      if (body.AllTasks === true) await node.restartAll(id);
      else await (task === '' ? node.restart(id) : node.restart(id, task));
      return json({});
    }),
  },
  {
    path: '/v1/client/allocation/:id/signal',
    PUT: whereItRuns(deps, async (node, id, call) => {
      const body = bodyOf(call);
      const signal = textOf(body.Signal);
      const task = textOf(body.Task) || textOf(body.TaskName);
      if (signal === '') throw new SerinError('badRequest', 'Signal must be specified, such as "SIGHUP".');
      await (task === '' ? node.signal(id, signal) : node.signal(id, signal, task));
      return json({});
    }),
  },
  {
    path: '/v1/client/allocation/:id/gc',
    GET: whereItRuns(deps, async (node, id) => {
      if (node.collect === undefined) throw new SerinError('notSupported', 'This node collects what has ended itself.');
      await node.collect(id);
      return json({});
    }),
  },
];

const checksOf = (deps: ClientDeps): Handler =>
  whereItRuns(deps, async (node, id) => {
    if (node.checks === undefined)
      throw new SerinError('notSupported', 'This node does not show the results of checks.');
    return json(node.checks(id));
  });
