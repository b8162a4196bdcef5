/** `locals { … }`: each is evaluated when first asked for, in any order; a circle is reported once, by its path. */
import type { Attribute, Body } from '../syntax/ast.ts';
import { evaluate } from './evaluate.ts';
import type { NamedValues, Scope } from './scope.ts';
import type { Value } from './value.ts';

export function readLocals(body: Body, scope: Scope): NamedValues {
  const attributes = uniqueLocals(body, scope);
  const known = new Map<string, Value | undefined>();
  const asking: string[] = [];
  const get = (name: string): Value | undefined => {
    if (known.has(name)) return known.get(name);
    if (asking.includes(name)) return reportCircle([...asking.slice(asking.indexOf(name)), name], attributes, scope);
    asking.push(name);
    const value = evaluate(attributes.get(name)!.value, scope);
    asking.pop();
    known.set(name, value);
    return value;
  };
  return { noun: 'local value', names: [...attributes.keys()], get };
}

function uniqueLocals(body: Body, scope: Scope): Map<string, Attribute> {
  const attributes = new Map<string, Attribute>();
  for (const attribute of body.blocks.filter(({ type }) => type === 'locals').flatMap((each) => each.body.attributes)) {
    if (attributes.has(attribute.name)) {
      const detail = `A local value named "${attribute.name}" was already defined. Local names must be unique.`;
      scope.diagnostics.error(attribute.nameRange, 'Duplicate local value', detail);
    } else attributes.set(attribute.name, attribute);
  }
  return attributes;
}

function reportCircle(path: readonly string[], attributes: ReadonlyMap<string, Attribute>, scope: Scope): undefined {
  const range = attributes.get(path[0]!)!.nameRange;
  const detail = `These local values need each other: ${path.map((name) => `local.${name}`).join(' -> ')}.`;
  scope.diagnostics.error(range, 'Circular reference', detail, 'One of them has to be written without the others.');
  return undefined;
}
