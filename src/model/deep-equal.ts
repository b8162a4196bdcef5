/** Equality of plain data, key order aside. A key whose value is undefined counts as absent. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && equalLists(a, b);
  return equalRecords(a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>);
}

function equalLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, at) => deepEqual(item, b[at]));
}

function equalRecords(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  for (const key in a) if (!deepEqual(a[key], b[key])) return false;
  for (const key in b) if (b[key] !== undefined && !(key in a)) return false;
  return true;
}
