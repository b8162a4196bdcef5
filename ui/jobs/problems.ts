/**
 * What is wrong with an edited job file, each at its line: the parser names lines, whoever judges the job names its parts,
 * and their lines are looked up in the text. Pure.
 */
export interface Problem {
  /** Counts from 1; undefined: nobody can say. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly message: string;
}

const PLACED = /^[^\s:]+:(\d+),(\d+)-[\d,]+: (.*)$/;

/** The agent's words about a text, as the parser and the judge say them. */
export const problemsOf = (words: string, text: string): readonly Problem[] =>
  sentencesOf(words).map((sentence) => {
    const [, line, column, message] = PLACED.exec(sentence) ?? [];
    return message === undefined
      ? { line: lineOfPart(sentence, text), column: undefined, message: sentence }
      : { line: Number(line), column: Number(column), message };
  });

/**
 * One for each line. A judge's tree is counted and starred ("2 errors occurred:\n\t* Task group app: …"): its leaves are
 * told, each with the parts that lead to it.
 */
function sentencesOf(words: string): readonly string[] {
  const lines = words.split('\n').filter((line) => line.trim() !== '');
  if (!lines.some((line) => line.trimStart().startsWith('* '))) return lines;
  const starred = lines.map((line) => line.trim().replace(/^\* /, ''));
  const heads: string[] = [];
  const found: string[] = [];
  for (const line of starred) {
    const [, head] = /^(.*?):? ?\d+ errors? occurred:$/.exec(line) ?? [];
    if (head === undefined) found.push([...heads, line].join(': '));
    else if (head !== '') heads.splice(0, heads.length, ...headsAfter(heads, head));
  }
  return found;
}

/** A task stands below its group; another group begins anew. */
const headsAfter = (heads: readonly string[], head: string): readonly string[] =>
  /^Task group/i.test(head) ? [head] : [...heads.filter((each) => /^Task group/i.test(each)), head];

const PARTS: readonly (readonly [inMessage: RegExp, block: string])[] = [
  [/\btask "?([\w.-]+)"?(?! group)(?=[\s:"'])/i, 'task'],
  [/\bservice "?([\w.-]+)"?/i, 'service'],
  [/\b(?:task )?group "?([\w.-]+)"?/i, 'group'],
];

/** The line of the innermost part that the sentence names. */
function lineOfPart(sentence: string, text: string): number | undefined {
  const lines = text.split('\n');
  for (const [pattern, block] of PARTS) {
    const name = pattern.exec(sentence)?.[1];
    if (name === undefined || (block === 'task' && name === 'group')) continue;
    const at = lines.findIndex((line) => new RegExp(`^\\s*${block}\\s+"${escaped(name)}"`).test(line));
    if (at >= 0) return at + 1;
  }
  return undefined;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
