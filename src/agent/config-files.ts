/** Reads an agent's configuration: files and folders in the order given, HCL or JSON, merged; every problem at once. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from '../jobspec/parse-document.ts';
import { renderDiagnostics } from '../jobspec/render-diagnostics.ts';
import { messageOf } from '../lib/errors.ts';
import { configProblems, isBlock, mergeConfig, type RawConfig } from './config-merge.ts';

export interface LoadedConfig {
  readonly raw: RawConfig;
  readonly problems: readonly string[];
}

export function loadConfigFiles(paths: readonly string[]): LoadedConfig {
  const problems: string[] = [];
  let raw: RawConfig = {};
  for (const path of paths) {
    try {
      for (const file of filesOf(path)) raw = mergeConfig(raw, readConfig(file, problems));
    } catch (error) {
      problems.push(`${path} cannot be read: ${messageOf(error)}`);
    }
  }
  return { raw, problems };
}

/** A folder's files are read in the order of their names. */
function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => name.endsWith('.hcl') || name.endsWith('.json'))
    .sort()
    .map((name) => join(path, name));
}

function readConfig(file: string, problems: string[]): RawConfig {
  const text = readFileSync(file, 'utf8');
  const raw = file.endsWith('.json') ? parseJson(text, file, problems) : parseHcl(text, file, problems);
  problems.push(...configProblems(raw, file));
  return raw;
}

function parseHcl(text: string, file: string, problems: string[]): RawConfig {
  const { value, diagnostics } = parseDocument(text, file);
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  if (errors.length > 0) problems.push(renderDiagnostics(errors));
  return unlist(value);
}

function parseJson(text: string, file: string, problems: string[]): RawConfig {
  try {
    const value: unknown = JSON.parse(text);
    if (isBlock(value)) return unlist(value);
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
