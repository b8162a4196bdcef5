/** /v1/search: what begins with the prefix, by kind; at most twenty of each. */
import { SerinError } from '../../lib/errors.ts';
import type { ReadTx } from '../../state/types.ts';
import { type Answer, json, readHeaders } from '../answer.ts';
import { bodyOf, textOf } from '../body.ts';
import type { HttpDeps } from '../deps.ts';
import { compareText } from '../list.ts';
import type { Call, Route } from '../route.ts';
import { writeMeta } from './write-meta.ts';

const LIMIT = 20;

interface Context {
  /** The ids that there are, in a namespace where they have one. */
  readonly ids: (tx: ReadTx, namespace: string) => Iterable<string>;
  /** An id of this kind is a UUID: letters count as lower case. */
  readonly uuid: boolean;
}

const CONTEXTS: Readonly<Record<string, Context>> = {
  allocs: { uuid: true, ids: (tx, namespace) => idsOf(tx.allocs(), namespace) },
  deployment: { uuid: true, ids: (tx, namespace) => idsOf(tx.deployments(), namespace) },
  evals: { uuid: true, ids: (tx, namespace) => idsOf(tx.evaluations(), namespace) },
  jobs: { uuid: false, ids: (tx, namespace) => idsOf(tx.jobs(), namespace) },
  namespaces: { uuid: false, ids: () => ['default'] },
  nodes: { uuid: true, ids: (tx) => tx.nodes().map((node) => node.ID) },
};

export const searchRoutes = (deps: HttpDeps): readonly Route[] => [
  { path: '/v1/search', PUT: (call) => search(deps, call) },
];

async function search({ state }: HttpDeps, call: Call): Promise<Answer> {
  const body = bodyOf(call);
  const prefix = textOf(body.Prefix);
  const contexts = contextsOf(textOf(body.Context));
  const { namespace } = call.query;
  const seen = state.view((tx) => ({
    head: tx.index,
    matches: contexts.map((name) => [name, matching(tx, name, prefix, namespace)] as const),
  }));
  await state.whenDurable(seen.head);
  const Matches = Object.fromEntries(seen.matches.map(([name, ids]) => [name, ids.slice(0, LIMIT)]));
  const Truncations = Object.fromEntries(seen.matches.map(([name, ids]) => [name, ids.length > LIMIT]));
  return json({ Matches, Truncations, ...writeMeta(seen.head), KnownLeader: true }, readHeaders(seen.head));
}

function contextsOf(name: string): readonly string[] {
  if (name === '' || name === 'all') return Object.keys(CONTEXTS);
  if (name in CONTEXTS) return [name];
  throw new SerinError(
    'badRequest',
    `The search context ${JSON.stringify(name)} is unknown; it is one of all, ${Object.keys(CONTEXTS).join(', ')}.`,
  );
}

function matching(tx: ReadTx, name: string, prefix: string, namespace: string): string[] {
  const context = CONTEXTS[name] as Context;
  const start = context.uuid ? prefix.toLowerCase() : prefix;
  const found: string[] = [];
  for (const id of context.ids(tx, namespace)) if (id.startsWith(start)) found.push(id);
  return found.sort(compareText);
}

function* idsOf(rows: Iterable<{ readonly ID: string; readonly Namespace: string }>, namespace: string) {
  for (const row of rows) if (namespace === '*' || row.Namespace === namespace) yield row.ID;
}
