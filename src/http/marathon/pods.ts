/**
 * /v2/pods: there are none. Clients look whether the path answers before they ask for pods, and list them through
 * `::status`: both get what they expect; a new pod is refused with a sentence.
 */
import { toPath } from '../../marathon/app-id.ts';
import { MarathonProblem } from '../../marathon/problems.ts';
import { MarathonNotFound } from '../../server/marathon/operations.ts';
import { type Answer, json } from '../answer.ts';
import type { Call } from '../route.ts';
import type { MarathonRoute } from './route.ts';

const none = (): Answer => json([]);

function refuse(): Answer {
  const error =
    'pods are not supported: make an app of each container, or register a job whose group has several tasks (serin run)';
  throw new MarathonProblem(422, [{ path: '/', error }]);
}

function missing({ params }: Call): Answer {
  throw new MarathonNotFound(`Pod '${toPath(params.id ?? '')}' does not exist`);
}

export const podRoutes = (): readonly MarathonRoute[] => [
  { path: '/v2/pods', HEAD: none, GET: none, POST: refuse },
  { path: '/v2/pods/::status', GET: none },
  { path: '/v2/pods/{id}::status', GET: missing },
  { path: '/v2/pods/{id}::versions', GET: missing },
  { path: '/v2/pods/{id}::instances', DELETE: missing },
  { path: '/v2/pods/{id}::instances/{instance}', DELETE: missing },
  { path: '/v2/pods/{id}', GET: missing, PUT: refuse, DELETE: missing },
];
