/**
 * `${…}` in a task's config, environment, services and checks: the task's own environment by name, the node by
 * `node.…`, `attr.…` and `meta.…`. What nobody knows stays as it was written, so that a shell's own `${x}` survives.
 */
import type { Node } from '../model/node.ts';

export type Lookup = (name: string) => string | undefined;

const REFERENCE = /\$\{\s*([^}]+?)\s*\}/g;
const ENV_INDEX = /^env\["([^"]+)"\]$/;

export const interpolateText = (text: string, lookup: Lookup): string =>
  text.replace(REFERENCE, (whole, name: string) => lookup(name) ?? whole);

/** Through lists and objects, keys of objects included. */
export function interpolateAll<T>(value: T, lookup: Lookup): T {
  return deep(value, lookup) as T;
}

function deep(value: unknown, lookup: Lookup): unknown {
  if (typeof value === 'string') return interpolateText(value, lookup);
  if (Array.isArray(value)) return value.map((each) => deep(each, lookup));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [interpolateText(key, lookup), deep(each, lookup)]),
  );
}

/** Looks in the environment first, then at the node. */
export function lookupIn(env: Readonly<Record<string, string>>, node: Node): Lookup {
  const ofNode = nodeFacts(node);
  return (name) => {
    const variable = ENV_INDEX.exec(name)?.[1] ?? (name.startsWith('env.') ? name.slice(4) : name);
    return env[variable] ?? ofNode(name);
  };
}

/** As constraints name them: `node.datacenter`, `attr.kernel.name`, `meta.rack`. */
export function nodeFacts(node: Node): Lookup {
  const facts: Record<string, string> = {
    'node.unique.id': node.ID,
    'node.unique.name': node.Name,
    'node.datacenter': node.Datacenter,
    'node.class': node.NodeClass,
  };
  return (name) => {
    if (name.startsWith('attr.')) return node.Attributes[name.slice('attr.'.length)];
    if (name.startsWith('meta.')) return node.Meta[name.slice('meta.'.length)];
    return facts[name];
  };
}
