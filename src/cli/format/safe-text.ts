/** Text that somebody else wrote (a task, a check) as it may be shown: it must neither steer the terminal nor flood it. */

const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])/g;
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** Its last lines, whole. */
export function lastLinesOf(text: string, most: number): string[] {
  const lines = plain(text).trimEnd().split('\n');
  return lines.length === 1 && lines[0] === '' ? [] : lines.slice(-most);
}

/** All of it on one line, cut where it is too long. */
export function onOneLine(text: string, most = 240): string {
  const line = plain(text).replaceAll(/\s+/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

const plain = (text: string): string =>
  text.replaceAll('\r\n', '\n').replaceAll(ESCAPES, '').replaceAll('\t', '  ').replaceAll(CONTROLS, '');
