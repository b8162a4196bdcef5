/** Reads an agent's configuration: files and folders in the order given, HCL or JSON, merged; every problem at once. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { positionOf, type SourceRange } from '../jobspec/source.ts';
import type { Body } from '../jobspec/syntax/ast.ts';
import { messageOf } from '../lib/errors.ts';
import { configProblems, isBlock, mergeConfig, type RawConfig } from './config-merge.ts';

export interface ConfigFiles {
  readonly raw: RawConfig;
  readonly problems: readonly string[];
}

export async function loadConfigFiles(paths: readonly string[]): Promise<ConfigFiles> {
  const problems: string[] = [];
  let raw: RawConfig = {};
  for (const path of paths) {
    try {
      for (const file of filesOf(path)) raw = mergeConfig(raw, await readConfig(file, problems));
    } catch (error) {
      problems.push(unreadable(path, error));
    }
  }
  return { raw, problems };
}

function unreadable(path: string, error: unknown): string {
  const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  return isMissing ? `${path}: there is no such file or folder` : `${path} cannot be read: ${messageOf(error)}`;
}

/** A folder's files are read in the order of their names. */
function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => name.endsWith('.hcl') || name.endsWith('.json'))
    .sort()
    .map((name) => join(path, name));
}

async function readConfig(file: string, problems: string[]): Promise<RawConfig> {
  const text = readFileSync(file, 'utf8');
  return file.endsWith('.json') ? parseJson(text, file, problems) : parseHcl(text, file, problems);
}

/** The parser is loaded for a file that needs it: without it an agent starts a third faster. */
async function parseHcl(text: string, file: string, problems: string[]): Promise<RawConfig> {
  const { parseDocument } = await import('../jobspec/parse-document.ts');
  const { renderDiagnostics } = await import('../jobspec/render-diagnostics.ts');
  const { value, diagnostics, body } = parseDocument(text, file);
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  if (errors.length > 0) problems.push(renderDiagnostics(errors));
  const raw = unlist(value);
  const lines = linesOf(body);
  problems.push(...configProblems(raw, (path) => (lines.has(path) ? `${file}:${lines.get(path)}` : file)));
  return raw;
}

/** Where each name stands: "client.meta.zone" → 7. */
function linesOf(body: Body, path = ''): Map<string, number> {
  const lines = new Map<string, number>();
  for (const { name, nameRange } of body.attributes) lines.set(path + name, lineOf(nameRange));
  for (const block of body.blocks) {
    const names = [block.type, ...block.labels.map((label) => label.text)];
    const inner = path + names.join('.');
    lines.set(path + block.type, lineOf(block.typeRange)).set(inner, lineOf(block.typeRange));
    for (const [name, line] of linesOf(block.body, `${inner}.`)) lines.set(name, line);
  }
  return lines;
}

const lineOf = (range: SourceRange): number => positionOf(range.source, range.start).line;

function parseJson(text: string, file: string, problems: string[]): RawConfig {
  try {
    const value: unknown = JSON.parse(text);
    if (isBlock(value)) {
      const raw = unlist(value);
      problems.push(...configProblems(raw, () => file));
      return raw;
    }
    problems.push(`${file}: the configuration must be an object`);
  } catch (error) {
    problems.push(`${file} is not JSON: ${messageOf(error)}`);
  }
  return {};
}

/** Blocks come as lists, since a block may be repeated; here they are one block each, merged. */
function unlist(value: RawConfig): RawConfig {
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, unlistValue(each)]));
}

function unlistValue(value: unknown): unknown {
  if (isBlock(value)) return unlist(value);
  if (!Array.isArray(value) || value.length === 0 || !value.every(isBlock)) return value;
  return value.map(unlist).reduce(mergeConfig, {});
}
