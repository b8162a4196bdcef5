/**
 * Blocks whose content is the user's: env and meta (maps of text), a driver's config (plain JSON, whose nested blocks
 * become lists of maps: `port_map { http = 80 }` is `port_map[0][http]`), and wire objects that Serin passes on as they
 * are (connect, a scaling policy).
 */
import { evaluate } from '../evaluate/evaluate.ts';
import type { Scope } from '../evaluate/scope.ts';
import { type Json, toJson } from '../evaluate/value.ts';
import type { Body } from '../syntax/ast.ts';
import { decodeAttribute } from './decode-attribute.ts';
import { type BlockInScope, expandDynamic } from './dynamic-blocks.ts';
import { freeForm, type Wire } from './schema.ts';
import { reportUnknownBlock } from './unexpected.ts';

export function decodeMap(body: Body, type: 'stringMap' | 'stringLists', scope: Scope): Wire {
  for (const block of body.blocks) reportUnknownBlock(block, freeForm(type), scope.diagnostics);
  const entries = body.attributes.map((attribute) => {
    const value = evaluate(attribute.value, scope);
    if (value === undefined) return undefined;
    const elementType = type === 'stringMap' ? 'string' : Array.isArray(value) ? 'strings' : 'string';
    const decoded = decodeAttribute(value, elementType, attribute, scope.diagnostics);
    return [attribute.name, type === 'stringLists' && typeof decoded === 'string' ? [decoded] : decoded] as const;
  });
  return fromPairs(entries);
}

export function decodeConfig(body: Body, scope: Scope): Wire {
  const lists = new Map<string, Json[]>();
  for (const each of expandDynamic(body, scope)) {
    const { type } = each.block;
    lists.set(type, [...(lists.get(type) ?? []), labelled(each)]);
  }
  return { ...plainAttributes(body, scope), ...Object.fromEntries(lists) };
}

/** `logging "json" { … }` is `{"json": [{…}]}`. */
function labelled({ block, scope }: BlockInScope): Json {
  return block.labels.reduceRight<Json>((inner, label) => ({ [label.text]: [inner] }), decodeConfig(block.body, scope));
}

/** Names that stand for lists on the wire, even of one. */
const LISTS = ['upstreams', 'path', 'volume_mount'];

export function decodeWireObject(body: Body, scope: Scope): Wire {
  const wire: Wire = {};
  for (const [name, value] of Object.entries(plainAttributes(body, scope))) wire[wireName(name)] = value;
  for (const each of expandDynamic(body, scope)) {
    const key = wireName(each.block.type);
    const object = each.block.type === 'config' ? decodeConfig(each.block.body, each.scope) : nestedWire(each);
    const before = wire[key];
    if (before !== undefined) wire[key] = [...(Array.isArray(before) ? before : [before]), object];
    else wire[key] = LISTS.includes(each.block.type) ? [object] : object;
  }
  return wire;
}

function nestedWire({ block, scope }: BlockInScope): Wire {
  const name = block.labels[0] ? { Name: block.labels[0].text } : {};
  return { ...name, ...decodeWireObject(block.body, scope) };
}

function plainAttributes(body: Body, scope: Scope): Wire {
  return fromPairs(
    body.attributes.map((attribute) => {
      const value = evaluate(attribute.value, scope);
      return value === undefined ? undefined : ([attribute.name, toJson(value)] as const);
    }),
  );
}

/** "local_bind_port" → "LocalBindPort". */
const wireName = (name: string): string => name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());

function fromPairs(pairs: readonly (readonly [string, Json | undefined] | undefined)[]): Wire {
  return Object.fromEntries(pairs.filter((pair): pair is [string, Json] => pair?.[1] !== undefined));
}
