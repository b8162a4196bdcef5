/** HCL that is no job file (an agent's configuration) → plain values; repeated blocks become lists. Pure. */
import { decodeConfig } from './decode/free-form.ts';
import type { Wire } from './decode/schema.ts';
import { type Diagnostic, Diagnostics } from './diagnostic.ts';
import { functionsFor } from './evaluate/functions/all.ts';
import { Budget, type Scope } from './evaluate/scope.ts';
import { parseBody } from './syntax/parse-body.ts';

export interface ParsedDocument {
  readonly value: Wire;
  readonly diagnostics: readonly Diagnostic[];
}

export function parseDocument(text: string, fileName: string): ParsedDocument {
  const diagnostics = new Diagnostics();
  const scope: Scope = {
    roots: new Map(),
    outer: undefined,
    diagnostics,
    functions: functionsFor(undefined),
    budget: new Budget(),
    keepsUnknown: false,
  };
  const value = decodeConfig(parseBody({ fileName, text: text.replace(/^\ufeff/, '') }, diagnostics), scope);
  return { value, diagnostics: diagnostics.sorted() };
}
