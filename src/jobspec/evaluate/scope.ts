/**
 * What names mean while an expression is evaluated: roots (`var`, `local`, an iterator) above those of the scope
 * outside. A root may be a group of named values found when they are asked for, since a local may use other locals.
 */
import type { Diagnostics } from '../diagnostic.ts';
import type { FunctionTable } from './function-table.ts';
import type { Value } from './value.ts';
import { MAX_WEIGHT, weightOf } from './weight.ts';

/** `var` and `local`. `get` gives undefined for a name whose value failed, which has been reported. */
export interface NamedValues {
  /** "input variable", "local value": for messages. */
  readonly noun: string;
  readonly names: readonly string[];
  get(name: string): Value | undefined;
}

/** `failed`: the name is known, its value was reported. */
export type Root =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'failed' }
  | { readonly kind: 'named'; readonly values: NamedValues };

export interface Scope {
  readonly roots: ReadonlyMap<string, Root>;
  readonly outer: Scope | undefined;
  readonly diagnostics: Diagnostics;
  readonly functions: FunctionTable;
  readonly budget: Budget;
  /** Whether `"${name}"` of an unknown name stays as text, for the node to fill in when the task starts. */
  readonly keepsUnknown: boolean;
}

/** A file cannot ask for more work than this, however its loops multiply. */
export class Budget {
  #left = 200_000;

  /** Throws when nothing is left; the file's reader turns that into a diagnostic. */
  spend(amount = 1): void {
    this.#left -= amount;
    if (this.#left < 0) throw new BudgetExceeded();
  }

  /** Throws when a value has grown too heavy. */
  admit(value: Value): void {
    if (weightOf(value) > MAX_WEIGHT) throw new BudgetExceeded();
  }
}

export class BudgetExceeded extends Error {
  override readonly name = 'BudgetExceeded';
}

export function findRoot(scope: Scope, name: string): Root | undefined {
  for (let each: Scope | undefined = scope; each; each = each.outer) {
    const root = each.roots.get(name);
    if (root) return root;
  }
  return undefined;
}

export function knownRoots(scope: Scope): string[] {
  return [...scope.roots.keys(), ...(scope.outer ? knownRoots(scope.outer) : [])];
}

export const withRoots = (scope: Scope, roots: ReadonlyMap<string, Root>): Scope => ({ ...scope, roots, outer: scope });

export const withValues = (scope: Scope, values: Readonly<Record<string, Value>>): Scope =>
  withRoots(scope, new Map(Object.entries(values).map(([name, value]) => [name, { kind: 'value', value }])));
