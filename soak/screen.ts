/**
 * What the command line prints, read back as a person reads it: sections, pairs, tables. What differs from run to run
 * (ids, times) reads the same, so that a screen can be held against the one of a document.
 */

export interface Table {
  readonly heading: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The table under this title; without a title the first one of the text. */
export function tableOf(output: string, title?: string): Table {
  return parseTable(title === undefined ? paragraph(output.trim().split('\n'), 0) : section(output, title));
}

/** The table whose heading this is, wherever it stands. */
export function tableUnder(output: string, heading: RegExp): Table {
  const lines = output.split('\n');
  const at = lines.findIndex((line) => heading.test(line));
  if (at === -1) throw new Error(`no heading ${heading} in:\n${output}`);
  return parseTable(paragraph(lines, at));
}

/** "Status = running" under a title, or at the head of the text, as ["Status", "running"]. */
export function pairsOf(output: string, title?: string): [string, string][] {
  const lines = title === undefined ? paragraph(output.trim().split('\n'), 0) : section(output, title);
  return lines.flatMap((line) => {
    const pair = /^(\S.*?) *= (.*)$/.exec(line);
    return pair ? [[pair[1]!, steady(pair[2]!)]] : [];
  });
}

/** Ids and times within a text, made the same. */
export const steadyText = (text: string): string =>
  text
    .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UUID')
    .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
    .replace(/"[0-9a-f]{8}"/g, '"ID"');

function section(output: string, title: string): string[] {
  const lines = output.split('\n');
  const at = lines.indexOf(title);
  if (at === -1) throw new Error(`no section "${title}" in:\n${output}`);
  return paragraph(lines, at + 1);
}

/** To the next empty line. */
function paragraph(lines: readonly string[], from: number): string[] {
  const end = lines.findIndex((line, at) => at > from && line.trim() === '');
  return lines.slice(from, end === -1 ? undefined : end);
}

/** Cells stand below the words of the heading; an empty one is still a cell. */
function parseTable([heading = '', ...rows]: readonly string[]): Table {
  const starts = [...heading.matchAll(/\S+(?: \S+)*/g)].map(({ index }) => index);
  const cells = (line: string): string[] => starts.map((from, at) => line.slice(from, starts[at + 1]).trim());
  return { heading: cells(heading), rows: rows.map((row) => cells(row).map(steady)) };
}

const CHANGING: readonly (readonly [RegExp, string])[] = [
  [/^[0-9a-f]{8}$/, 'ID'],
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'TIME'],
  [/^\w+ ago$/, 'AGO'],
];

const steady = (cell: string): string => CHANGING.find(([pattern]) => pattern.test(cell))?.[1] ?? cell;
