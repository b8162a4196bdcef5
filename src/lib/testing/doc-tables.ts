/** Reads the tables of docs/*.md, for the tests that hold documentation and code together, both ways. */
import { readFileSync } from 'node:fs';

export const readDoc = (name: string): string =>
  readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

/** The text below a heading, up to the next one of its level or above. */
export function sectionOf(text: string, heading: string): string {
  const level = heading.indexOf(' ');
  const lines = text.split('\n');
  const from = lines.indexOf(heading);
  if (from < 0) throw new Error(`the document has no heading "${heading}"`);
  const ends = new RegExp(`^#{1,${level}} `);
  const length = lines.slice(from + 1).findIndex((line) => ends.test(line));
  return lines.slice(from + 1, length < 0 ? undefined : from + 1 + length).join('\n');
}

/** The headings of one level: "### ". */
export const headingsOf = (text: string, mark: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith(mark))
    .map((line) => line.slice(mark.length));

/** The cells of every table row below the heads, without code marks. */
export function rowsOf(text: string): string[][] {
  const lines = text.split('\n');
  const isRule = (line = ''): boolean => /^\| ?-{3}/.test(line);
  return lines
    .filter((line, at) => line.startsWith('| ') && !isRule(line) && !isRule(lines[at + 1]))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '').replaceAll('\\|', '|')),
    );
}
