/** HCL that is no job file (an agent's configuration) → plain values; repeated blocks become lists. Pure. */
import { decodeConfig } from './decode/free-form.ts';
import type { Wire } from './decode/schema.ts';
import { type Diagnostic, Diagnostics } from './diagnostic.ts';
import { functionsFor } from './evaluate/functions/all.ts';
import { Budget, type Scope } from './evaluate/scope.ts';
import type { Body } from './syntax/ast.ts';
import { parseBody } from './syntax/parse-body.ts';

export interface ParsedDocument {
  readonly value: Wire;
  readonly diagnostics: readonly Diagnostic[];
  /** For whoever has more to say about it than this folder knows. */
  readonly body: Body;
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
  const body = parseBody({ fileName, text: text.replace(/^\ufeff/, '') }, diagnostics);
  return { value: decodeConfig(body, scope), diagnostics: diagnostics.sorted(), body };
}
