/** What the keys of the editor do to its text: pure; `code-editor.tsx` types it, so that undo knows. */
export interface Selection {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The text between `from` and `to` becomes `insert`, and the selection afterwards is `start` to `end`. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
  readonly start: number;
  readonly end: number;
}

const STEP = '  ';

/** One line: two blanks at the place; several: each of them moves to the right. */
export function indent({ text, start, end }: Selection): Edit {
  if (!text.slice(start, end).includes('\n')) return typed(start, end, STEP);
  return relined({ text, start, end }, (line) => (line === '' ? line : STEP + line));
}

/** Each line of the selection moves to the left, as far as it can. */
export const outdent = (selection: Selection): Edit => relined(selection, (line) => line.replace(/^( {1,2}|\t)/, ''));

/** A new line begins where the one before it began, and a step further behind an opening brace. */
export function newLine({ text, start, end }: Selection): Edit {
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  const depth = /^\s*/.exec(line)?.[0] ?? '';
  return typed(start, end, `\n${depth}${/[[{(]\s*$/.test(line) ? STEP : ''}`);
}

function typed(from: number, to: number, insert: string): Edit {
  const at = from + insert.length;
  return { from, to, insert, start: at, end: at };
}

function relined({ text, start, end }: Selection, change: (line: string) => string): Edit {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  // A selection that ends at the beginning of a line does not mean that line.
  const last = end > start && text[end - 1] === '\n' ? end - 1 : end;
  const next = text.indexOf('\n', last);
  const to = next < 0 ? text.length : next;
  const lines = text.slice(from, to).split('\n');
  const insert = lines.map(change).join('\n');
  const ofFirst = change(lines[0] ?? '').length - (lines[0] ?? '').length;
  return {
    from,
    to,
    insert,
    start: Math.max(from, start + ofFirst),
    end: Math.max(from, end + insert.length - (to - from)),
  };
}

/** Where a line begins and ends. */
export function lineRange(text: string, line: number): { readonly start: number; readonly end: number } {
  const before = text.split('\n').slice(0, line - 1);
  const start = Math.min(
    text.length,
    before.reduce((sum, each) => sum + each.length + 1, 0),
  );
  const end = text.indexOf('\n', start);
  return { start, end: end < 0 ? text.length : end };
}
