/** A name that nothing in the file defines, used where text cannot stand in for its value. */
import { suggestName } from '../suggest.ts';
import type { Variable } from '../syntax/ast.ts';
import { knownRoots, type Scope } from './scope.ts';

/** Roots whose values exist only where a task runs. */
const RUNTIME_ROOTS = ['attr', 'env', 'meta', 'node', 'device', 'unique'];

export function reportUnknownVariable({ name, range }: Variable, scope: Scope): void {
  scope.diagnostics.error(range, 'Unknown variable', `There is no variable named "${name}".`, hint(name, scope));
}

function hint(name: string, scope: Scope): string {
  if (!scope.keepsUnknown) return 'Only constants and functions may stand here.';
  if (RUNTIME_ROOTS.includes(name) || name.startsWith('NOMAD_')) {
    return `This value is known only where the task runs: write it in a string of its own, "\${${name}…}".`;
  }
  return suggestName(name, [...new Set(knownRoots(scope))], 'variable');
}
