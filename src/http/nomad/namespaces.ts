/** /v1/namespaces: there is one, and clients ask for it. */
import { DEFAULT_NAMESPACE } from '../../model/job.ts';
import { found, missing } from '../answer.ts';
import { answerRead } from '../blocking.ts';
import type { HttpDeps } from '../deps.ts';
import type { Route } from '../route.ts';

const DEFAULT = {
  Name: DEFAULT_NAMESPACE,
  Description: 'Default shared namespace',
  Quota: '',
  Hash: '',
  CreateIndex: 1,
  ModifyIndex: 1,
};

export const namespaceRoutes = (deps: HttpDeps): readonly Route[] => [
  { path: '/v1/namespaces', GET: (call) => answerRead(deps, call, { tables: [] }, () => found(1, [DEFAULT])) },
  {
    path: '/v1/namespace/:name',
    GET: (call) =>
      answerRead(deps, call, { tables: [] }, () =>
        call.params.name === DEFAULT.Name ? found(1, DEFAULT) : missing(1, 'Namespace not found'),
      ),
  },
];
