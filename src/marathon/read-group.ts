/** What somebody sent of a group: its apps and groups with absolute ids; every wrong type with its path. */
import { resolveId } from './app-id.ts';
import type { AppInput } from './app-schema.ts';
import { parseApp } from './parse-app.ts';
import { type FieldProblem, MarathonProblem } from './problems.ts';

export interface GroupInput {
  readonly id: string;
  /** Absent: as they are. */
  readonly apps?: readonly AppInput[];
  readonly groups?: readonly GroupInput[];
  readonly dependencies?: readonly string[];
}

export interface ParsedGroup {
  readonly group: GroupInput;
  /** One sentence each, with the app that it is about. */
  readonly warnings: readonly string[];
}

/** `parent`: the group that a relative id counts from. Throws a `MarathonProblem` of status 400. */
export function parseGroup(json: unknown, parent: string): ParsedGroup {
  const problems: FieldProblem[] = [];
  const warnings: string[] = [];
  const group = readGroup(json, parent, { path: '', problems, warnings });
  if (problems.length > 0) throw new MarathonProblem(400, problems);
  return { group, warnings };
}

interface Reading {
  /** "/groups(0)" */
  readonly path: string;
  readonly problems: FieldProblem[];
  readonly warnings: string[];
}

function readGroup(json: unknown, parent: string, reading: Reading): GroupInput {
  const fields = isObject(json) ? json : {};
  if (!isObject(json)) reading.problems.push({ path: reading.path || '/', error: 'error.expected.jsobject' });
  const id = resolveId(textField(fields, 'id', reading) ?? '', parent);
  const apps = listField(fields, 'apps', reading)?.flatMap((app, at) =>
    readApp(app, id, { ...reading, path: `${reading.path}/apps(${at})` }),
  );
  const groups = listField(fields, 'groups', reading)?.map((group, at) =>
    readGroup(group, id, { ...reading, path: `${reading.path}/groups(${at})` }),
  );
  const dependencies = listField(fields, 'dependencies', reading)?.map((each) => resolveId(String(each), id));
  return { id, ...(apps && { apps }), ...(groups && { groups }), ...(dependencies && { dependencies }) };
}

function readApp(json: unknown, group: string, { path, problems, warnings }: Reading): AppInput[] {
  try {
    const isMissing = isObject(json) && (json.id ?? undefined) === undefined;
    const parsed = parseApp(json, isMissing ? [{ path: '/id', error: 'error.path.missing' }] : []);
    const id = resolveId(parsed.input.id ?? '', group);
    warnings.push(...parsed.warnings.map((warning) => `${id}: ${warning}`));
    return [{ ...parsed.input, id }];
  } catch (error) {
    if (!(error instanceof MarathonProblem)) throw error;
    for (const problem of error.problems) problems.push({ ...problem, path: `${path}${problem.path}` });
    return [];
  }
}

function textField(fields: Fields, name: string, { path, problems }: Reading): string | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  problems.push({ path: `${path}/${name}`, error: 'error.expected.jsstring' });
  return undefined;
}

function listField(fields: Fields, name: string, { path, problems }: Reading): unknown[] | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined || Array.isArray(value)) return value;
  problems.push({ path: `${path}/${name}`, error: 'error.expected.jsarray' });
  return undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
