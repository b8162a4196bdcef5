/** What a person gives a `marathon` command: JSON in a file or on standard input, or `key=value` with JSON values. */
import { readFile } from 'node:fs/promises';
import type { Document } from '../api/marathon-views.ts';
import { messageOf } from '../lib/errors.ts';
import { type CommandContext, UsageError } from './command.ts';
import type { Flags } from './flags.ts';

/** From a file; without one (or for "-") from standard input. */
export async function readDocument(context: CommandContext, path: string | undefined, noun: string): Promise<Document> {
  if (path !== undefined && path !== '-') return parseDocument(await readText(path), path);
  refuseTerminal(context, `give a file, or the ${noun} as JSON on standard input`);
  return parseDocument(await context.terminal.readInput(), 'standard input');
}

/** From `key=value` arguments; without any from standard input, where nothing is no change. */
export async function readChange(context: CommandContext, properties: readonly string[]): Promise<Document> {
  if (properties.length > 0) return parseProperties(properties);
  refuseTerminal(context, 'give key=value, or JSON on standard input');
  const text = await context.terminal.readInput();
  return text.trim() === '' ? {} : parseDocument(text, 'standard input');
}

/** Nobody knows that a command which says nothing waits for them to type JSON. */
function refuseTerminal({ streams }: CommandContext, what: string): void {
  if (streams.stdin.isTTY) throw new UsageError(`Nothing to read: ${what}.`);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`Can't read from resource: ${path}. ${messageOf(error)}`);
  }
}

function parseDocument(text: string, where: string): Document {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`Error loading JSON from ${where}: ${messageOf(error)}`);
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Document;
  throw new UsageError(`Error loading JSON from ${where}: one object is wanted there.`);
}

/** Whose values are texts: `cmd=true` is a command. */
const TEXTS = new Set(['id', 'cmd', 'user', 'executor', 'killSelection', 'version']);

/**
 *   instances=3            → {"instances": 3}
 *   env={"A":"b"}          → {"env": {"A": "b"}}
 *   cmd=true               → {"cmd": "true"}
 */
export function parseProperties(properties: readonly string[]): Document {
  return Object.fromEntries(
    properties.map((property): [string, unknown] => {
      const at = property.indexOf('=');
      if (at < 1) throw new UsageError(`"${property}" is no property; write it as key=value, its value in JSON`);
      const key = property.slice(0, at);
      return [key, jsonOrText(key, property.slice(at + 1))];
    }),
  );
}

function jsonOrText(key: string, text: string): unknown {
  const isText = TEXTS.has(key);
  if (isText && !text.startsWith('"') && text !== 'null') return text;
  try {
    return JSON.parse(text);
  } catch {
    if (isText) return text;
    throw new UsageError(`The value of ${key} is not JSON: ${text}. Quote it for the shell: '${key}={"a": "b"}'`);
  }
}

/** undefined where the flag was not given. */
export function countOf(flags: Flags, name: string): number | undefined {
  const text = flags.text(name);
  if (text === undefined || /^\d+$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new UsageError(`-${name} "${text}" is no count: it must be a whole number, 0 or more`);
}

export function secondsOf(flags: Flags, name: string): number | undefined {
  const text = flags.text(name);
  if (text === undefined || /^\d+(\.\d+)?$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new UsageError(`-${name} "${text}" is no number of seconds, such as 1 or 0.5`);
}
