/** A tree as lines: every child under its parent, joined by └─ and ├─. */

export interface Branch {
  readonly text: string;
  readonly children?: readonly Branch[];
  /** Lines that belong to it, without a branch of their own. */
  readonly lines?: readonly string[];
}

/** The root stands alone at the beginning of its line. */
export function formatTree(root: Branch): string[] {
  return [root.text, ...formatBranches(root.children ?? [])];
}

export function formatBranches(children: readonly Branch[]): string[] {
  return children.flatMap((child, at) => {
    const isLast = at === children.length - 1;
    const [joint, below] = isLast ? ['└─ ', '   '] : ['├─ ', '│  '];
    const own = (child.lines ?? []).map((line) => `  ${line}`);
    return [
      joint + child.text,
      ...[...own, ...formatBranches(child.children ?? [])].map((line) => (below + line).trimEnd()),
    ];
  });
}

/** What stands behind the joints. */
export const withoutJoints = (line: string): string => line.replace(/^[│├└─ ]+/, '');
