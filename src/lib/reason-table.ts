/**
 * The table of a contract suite, in Markdown: what is asked for, who does it, and why not where not. Documents are made
 * from the same lists that the suites run by.
 */

/** By behaviour: why it cannot be had. */
export type Reasons<B extends string> = Partial<Readonly<Record<B, string>>>;

export function reasonTable<B extends string>(
  behaviours: Readonly<Record<B, string>>,
  subjects: Readonly<Record<string, Reasons<B>>>,
): string {
  const names = Object.keys(subjects);
  const reasons: string[] = [];
  const cell = (name: string, behaviour: B): string => {
    const reason = subjects[name]?.[behaviour];
    if (reason === undefined) return 'yes';
    if (!reasons.includes(reason)) reasons.push(reason);
    return `no [${reasons.indexOf(reason) + 1}]`;
  };
  const rows = (Object.keys(behaviours) as B[]).map((key) => [
    behaviours[key],
    ...names.map((name) => cell(name, key)),
  ]);
  return `${alignedTable([['', ...names.map((name) => `\`${name}\``)], ...rows])}\n\n${numbered(reasons)}`;
}

const numbered = (reasons: readonly string[]): string =>
  reasons.map((reason, at) => `${at + 1}. ${reason[0]?.toUpperCase()}${reason.slice(1)}.`).join('\n');

function alignedTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}
