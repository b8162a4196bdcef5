/** The bodies of requests, and what is refused of them before anything else is looked at. */
import { messageOf } from '../../lib/errors.ts';
import type { AppInput } from '../../marathon/app-schema.ts';
import { labelWarnings } from '../../marathon/label-warnings.ts';
import { parseApp } from '../../marathon/parse-app.ts';
import { type FieldProblem, MarathonProblem } from '../../marathon/problems.ts';
import { readApp } from '../../marathon/read-app.ts';
import type { Forced } from '../../server/marathon/operations.ts';
import type { Call } from '../route.ts';
import type { MarathonDeps } from './deps.ts';
import { MarathonRefusal } from './errors.ts';
import { pathOf } from './route.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function jsonBody({ body }: Call): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new MarathonRefusal(400, 'Invalid JSON', messageOf(error));
  }
}

export function objectBody(call: Call): JsonObject {
  const value = jsonBody(call);
  if (isObject(value)) return value;
  throw new MarathonProblem(400, [{ path: '/', error: 'error.expected.jsobject' }]);
}

/** An app of the right types; what is passed over of it goes to the log. `problems`: what else is wrong with it. */
export function readInput(
  { log }: Pick<MarathonDeps, 'log'>,
  json: unknown,
  problems: readonly FieldProblem[] = [],
): AppInput {
  const { input, warnings } = parseApp(json, problems);
  const heard = [...warnings, ...(input.labels ? labelWarnings(readApp(input)) : [])];
  if (heard.length > 0) log.warn({ app: input.id, warnings: heard }, 'parts of an app do nothing');
  return input;
}

/** Whether a change may cancel others, and who asks for it. */
export const forcedBy = (call: Call, otherwise = false): Forced => ({
  force: flag(call, 'force', otherwise),
  by: { ClientIP: call.clientIp ?? '', URI: pathOf(call.url) },
});

/** Words of Python and of JSON alike. */
export function flag({ query }: Call, name: string, otherwise: boolean): boolean {
  const value = query.text(name);
  if (value === undefined) return otherwise;
  return value === '' || value.toLowerCase() === 'true';
}
