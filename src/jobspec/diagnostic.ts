/**
 * What is wrong with a job file, and where. Nothing in this folder throws for a user's mistake: each part reports into
 * one `Diagnostics` and goes on, so that every problem is told at once.
 */
import { lineAt, positionOf, type SourceRange } from './source.ts';

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** Lines and columns count from 1; `endColumn` is the one after the last character. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly summary: string;
  readonly detail: string;
  readonly sourceLine: string;
  /** What would have been right, as a sentence; "" when the detail says it. */
  readonly expected: string;
}

/** Nobody reads more, and a file of nothing but mistakes must not cost more. */
const MOST = 500;

export class Diagnostics {
  readonly #list: Diagnostic[] = [];

  error(range: SourceRange, summary: string, detail: string, expected = ''): void {
    this.#add('error', range, summary, detail, expected);
  }

  warn(range: SourceRange, summary: string, detail: string, expected = ''): void {
    this.#add('warning', range, summary, detail, expected);
  }

  addAll(others: readonly Diagnostic[]): void {
    this.#list.push(...others);
  }

  get count(): number {
    return this.#list.length;
  }

  get hasErrors(): boolean {
    return this.#list.some((each) => each.severity === 'error');
  }

  /** By place in the file, in the order of the files; one problem is told once however often it was met. */
  sorted(): Diagnostic[] {
    const files = [...new Set(this.#list.map((each) => each.file))];
    const unique = new Map(this.#list.toReversed().map((each) => [identityOf(each), each]));
    return [...unique.values()]
      .reverse()
      .sort((a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column);
  }

  #add(severity: Diagnostic['severity'], range: SourceRange, summary: string, detail: string, expected: string): void {
    if (this.#list.length >= MOST) return;
    const start = positionOf(range.source, range.start);
    const end = positionOf(range.source, range.end);
    this.#list.push({
      severity,
      file: range.source.fileName,
      line: start.line,
      column: start.column,
      endLine: end.line,
      endColumn: end.column,
      summary,
      detail,
      sourceLine: lineAt(range.source, range.start),
      expected,
    });
  }
}

const identityOf = (each: Diagnostic): string =>
  JSON.stringify([each.file, each.line, each.column, each.summary, each.detail]);
