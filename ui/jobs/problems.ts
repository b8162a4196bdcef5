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

/** One for each line; a judge's are a tree, of which the leaves are told, each with the parts that lead to it. */
function sentencesOf(words: string): readonly string[] {
  const lines = words.split('\n').filter((line) => line.trim() !== '');
  const starred = lines.map((line) => line.trim().replace(/^\* /, ''));
  return COUNTED.test(starred[0] ?? '') ? leavesOf(starred, 0, '').found : lines;
}

/** "Task group app validation failed: 2 errors occurred:", and then so many entries, some of which are such lists again. */
const COUNTED = /^(?:(.*): )?(\d+) errors? occurred:$/;

interface Leaves {
  readonly found: readonly string[];
  /** The line behind the list. */
  readonly next: number;
}

function leavesOf(lines: readonly string[], at: number, above: string): Leaves {
  const [, name, count] = COUNTED.exec(lines[at] ?? '') ?? [];
  const prefix = name === undefined ? above : `${above}${name}: `;
  let next = at + 1;
  const found: string[] = [];
  for (let entry = 0; entry < Number(count) && next < lines.length; entry++) {
    const line = lines[next]!;
    const below = COUNTED.test(line) ? leavesOf(lines, next, prefix) : { found: [prefix + line], next: next + 1 };
    found.push(...below.found);
    next = below.next;
  }
  return { found, next };
}

/** How a sentence names a part, and how the text begins it. The group narrows where the others are looked for. */
const GROUP = /\bgroup "?([^"]+?)"?(?: validation failed|:|"|$)/i;
const WITHIN: readonly (readonly [inSentence: RegExp, begins: (name: string) => RegExp])[] = [
  [/\btask (?!group )"?([^"]+?)"?(?: validation failed|:|")/gi, (name) => new RegExp(`^\\s*task\\s+"${name}"`)],
  [/\bservice "?([^"]+?)"?(?: validation failed|:|")/gi, (name) => new RegExp(`^\\s*name\\s*=\\s*"${name}"`)],
];

/** The line of the innermost part that the sentence names. */
function lineOfPart(sentence: string, text: string): number | undefined {
  const lines = text.split('\n');
  const group = GROUP.exec(sentence)?.[1];
  const start = group === undefined ? -1 : lines.findIndex((line) => line.match(`^\\s*group\\s+"${escaped(group)}"`));
  for (const [inSentence, begins] of WITHIN) {
    for (const [, name = ''] of sentence.matchAll(inSentence)) {
      const at = lines.findIndex((line, index) => index > start && begins(escaped(name)).test(line));
      if (at >= 0) return at + 1;
    }
  }
  return start < 0 ? undefined : start + 1;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
