/** Keys that lead somewhere, one after the other: pure. */
export interface Shortcut {
  readonly keys: readonly string[];
  readonly words: string;
}

export interface ViewShortcut extends Shortcut {
  readonly path: string;
}

export const viewShortcuts: readonly ViewShortcut[] = [
  { keys: ['g', 'j'], words: 'Jobs', path: '/jobs' },
  { keys: ['g', 'd'], words: 'Deployments', path: '/deployments' },
  { keys: ['g', 'n'], words: 'Nodes', path: '/nodes' },
  { keys: ['g', 't'], words: 'Topology', path: '/topology' },
  { keys: ['g', 'i'], words: 'Ingress', path: '/ingress' },
  { keys: ['g', 'e'], words: 'Evaluations', path: '/evaluations' },
  { keys: ['g', 's'], words: 'Servers', path: '/servers' },
];

export const SEARCH_SHORTCUT: Shortcut = { keys: ['/'], words: 'Search in this view' };
export const HELP_SHORTCUT: Shortcut = { keys: ['?'], words: 'These keys' };

export const shortcuts: readonly Shortcut[] = [...viewShortcuts, SEARCH_SHORTCUT, HELP_SHORTCUT];

/** What was typed of a shortcut so far. */
export interface Typed {
  readonly keys: readonly string[];
  readonly atMs: number;
}

export const NOTHING_TYPED: Typed = { keys: [], atMs: 0 };
const TOGETHER_MS = 1_500;

export interface Pressed {
  readonly typed: Typed;
  /** Complete with this key. */
  readonly shortcut?: Shortcut;
}

export function pressed(before: Typed, key: string, atMs: number): Pressed {
  const begun = atMs - before.atMs <= TOGETHER_MS ? before.keys : [];
  return found([...begun, key], atMs) ?? found([key], atMs) ?? { typed: NOTHING_TYPED };
}

function found(keys: readonly string[], atMs: number): Pressed | undefined {
  const possible = shortcuts.filter((shortcut) => keys.every((key, at) => shortcut.keys[at] === key));
  const whole = possible.find((shortcut) => shortcut.keys.length === keys.length);
  if (whole) return { typed: NOTHING_TYPED, shortcut: whole };
  return possible.length > 0 ? { typed: { keys, atMs } } : undefined;
}
