/**
 * Ours: how a group is updated, said in `Meta` ("serin.update.max_surge" = "2"), for clients that drop keys which they
 * don't know. It is read where no update block says the same. Tasks do not see these keys: changing one replaces nothing.
 */
import { parseDuration } from '../lib/duration.ts';
import type { UpdateStrategy } from './policies.ts';
import type { RequestFields } from './request-fields.ts';
import { parseAmount } from './surge.ts';

const PREFIX = 'serin.update.';

type OurUpdate = Pick<UpdateStrategy, 'BatchInterval' | 'CanaryWeight' | 'MaxSurge' | 'KeepWarm'>;
type Meta = Readonly<Record<string, string>> | null;

interface Key {
  readonly field: keyof OurUpdate;
  readonly expected: string;
  readonly parse: (text: string) => number | string | undefined;
}

const KEYS: Readonly<Record<string, Key>> = {
  batch_interval: { field: 'BatchInterval', expected: 'a duration such as "30s"', parse: parseDuration },
  canary_weight: { field: 'CanaryWeight', expected: 'a percentage such as "5"', parse: parseNumber },
  max_surge: { field: 'MaxSurge', expected: 'a whole number or a percentage such as "25%"', parse: parseAmount },
  keep_warm: { field: 'KeepWarm', expected: 'a duration such as "10m"', parse: parseDuration },
};

/** What the `Meta` of a job or group says; a key that nobody knows, or a bad value, is a problem. */
export function updateOfMeta(owner: RequestFields): OurUpdate {
  const said: Partial<Record<keyof OurUpdate, number | string>> = {};
  for (const [name, text] of updateEntries(owner.textMap('Meta'))) {
    const key = keyOf(name);
    const value = key?.parse(text);
    if (key && value !== undefined) said[key.field] = value;
    else owner.problem(`Meta.${name}`, mistakeIn(key, text));
  }
  return said as OurUpdate;
}

/** The keys of ours whose values are not those that count, because a block says otherwise. */
export function findUnusedUpdateKeys(meta: Meta, update: UpdateStrategy | null): string[] {
  return updateEntries(meta).flatMap(([name, text]) => {
    const key = keyOf(name);
    return key && update?.[key.field] !== key.parse(text) ? [name] : [];
  });
}

/** The keys of ours, known or not. */
export const findUpdateKeys = (meta: Meta): string[] => updateEntries(meta).map(([name]) => name);

/** What tasks see; null when that is nothing. */
export function withoutUpdateKeys(meta: Meta): Meta {
  if (updateEntries(meta).length === 0) return meta;
  const rest = Object.entries(meta ?? {}).filter(([name]) => !name.startsWith(PREFIX));
  return rest.length > 0 ? Object.fromEntries(rest) : null;
}

const updateEntries = (meta: Meta): [string, string][] =>
  Object.entries(meta ?? {}).filter(([name]) => name.startsWith(PREFIX));

function keyOf(name: string): Key | undefined {
  const word = name.slice(PREFIX.length);
  return Object.hasOwn(KEYS, word) ? KEYS[word] : undefined;
}

function mistakeIn(key: Key | undefined, text: string): string {
  if (!key)
    return `no such key; there are ${Object.keys(KEYS)
      .map((word) => PREFIX + word)
      .join(', ')}`;
  return `expected ${key.expected}, found the text ${JSON.stringify(text)}`;
}

function parseNumber(text: string): number | undefined {
  return /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
}
