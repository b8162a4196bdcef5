/** From JSON to an app of the right types: what has the wrong type is a problem, what nobody knows a warning. */
import { z } from 'zod';
import { type AppInput, appSchema, READ_ONLY_KEYS } from './app-schema.ts';
import { type FieldProblem, MarathonProblem, pathText } from './problems.ts';

export interface ParsedApp {
  readonly input: AppInput;
  /** One sentence each. */
  readonly warnings: readonly string[];
}

/** Throws a `MarathonProblem` of status 400 that lists every wrong type, with what the caller finds missing. */
export function parseApp(json: unknown, missing: readonly FieldProblem[] = []): ParsedApp {
  const parsed = appSchema.safeParse(json);
  const problems = [...missing, ...(parsed.success ? [] : parsed.error.issues.map(problemOf))];
  if (!parsed.success || problems.length > 0) throw new MarathonProblem(400, problems);
  const { input, lifted } = liftHealthChecks(parsed.data);
  const unknown = unknownKeys(appSchema, json, []);
  const ignored = unknown.length === 0 ? [] : [`ignored, since Marathon knows no such key: ${unknown.join(', ')}`];
  return { input, warnings: [...lifted, ...ignored] };
}

/** Play's words: clients print them. */
const EXPECTED: Readonly<Record<string, string>> = {
  string: 'jsstring',
  number: 'jsnumber',
  int: 'jsnumber',
  boolean: 'jsboolean',
  array: 'jsarray',
  object: 'jsobject',
  record: 'jsobject',
};

function problemOf(issue: z.core.$ZodIssue): FieldProblem {
  const path = pathText(issue.path);
  if (issue.code === 'invalid_type')
    return { path, error: `error.expected.${EXPECTED[issue.expected] ?? issue.expected}` };
  if (issue.code === 'invalid_value') return { path, error: `must be one of ${issue.values.map(String).join(', ')}` };
  return { path, error: 'error.expected.jsobject' };
}

/** Seed files have them inside of `container.docker`, where Marathon drops them and the app never becomes healthy. */
function liftHealthChecks(input: AppInput): { input: AppInput; lifted: string[] } {
  const { container } = input;
  const places = [
    { place: 'container.docker', checks: container?.docker?.healthChecks },
    { place: 'container', checks: container?.healthChecks },
  ].filter(({ checks }) => (checks?.length ?? 0) > 0);
  if (places.length === 0 || !container) return { input, lifted: [] };
  const { healthChecks: _, docker, ...rest } = container;
  const { healthChecks: __, ...itsDocker } = docker ?? {};
  const healthChecks = [...(input.healthChecks ?? []), ...places.flatMap(({ checks }) => checks ?? [])];
  return {
    input: { ...input, healthChecks, container: { ...rest, ...(docker && { docker: itsDocker }) } },
    lifted: places.map(
      ({ place }) => `healthChecks stands in ${place}, where Marathon drops it: taken as the app's own`,
    ),
  };
}

/** Where `json` has keys that the schema does not, as paths with dots. */
function unknownKeys(schema: unknown, json: unknown, path: readonly string[]): string[] {
  const type = unwrap(schema);
  if (type instanceof z.ZodArray && Array.isArray(json)) {
    return [...new Set(json.flatMap((each) => unknownKeys(type.element, each, path)))];
  }
  if (!(type instanceof z.ZodObject) || type.def.catchall !== undefined || !isRecord(json)) return [];
  return Object.entries(json).flatMap(([key, value]) => {
    const known = (type.shape as Record<string, unknown>)[key];
    if (known !== undefined) return unknownKeys(known, value, [...path, key]);
    return path.length === 0 && READ_ONLY_KEYS.has(key) ? [] : [[...path, key].join('.')];
  });
}

function unwrap(schema: unknown): unknown {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodNullable ? unwrap(schema.unwrap()) : schema;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
