/**
 * Diagnostics as the terminal shows them: the peer's one line, then the source line with a caret, then what was
 * expected.
 */
import type { Diagnostic } from './diagnostic.ts';

/** One paragraph for each problem; "" when there is none. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map(renderDiagnostic).join('\n');
}

export function renderDiagnostic(diagnostic: Diagnostic): string {
  const gutter = ' '.repeat(`${diagnostic.line}`.length);
  const lines = [headline(diagnostic)];
  if (diagnostic.sourceLine.trim() !== '') {
    lines.push(`  ${diagnostic.line} | ${diagnostic.sourceLine}`, `  ${gutter} | ${caretsUnder(diagnostic)}`);
  }
  if (diagnostic.expected !== '') lines.push(`  ${gutter} = ${diagnostic.expected}`);
  return `${lines.join('\n')}\n`;
}

/** `web.nomad:10,5-16: Unsupported argument; An argument named "x" is not expected here.` */
export function headline(diagnostic: Diagnostic): string {
  const { file, line, column, endLine, endColumn, summary, detail } = diagnostic;
  const until = endLine === line ? `${endColumn}` : `${endLine},${endColumn}`;
  const warning = diagnostic.severity === 'warning' ? 'Warning: ' : '';
  return `${file}:${line},${column}-${until}: ${warning}${summary}; ${detail}`;
}

/** Tabs are kept as tabs, so that the caret stands under its character whatever a tab's width. */
function caretsUnder({ sourceLine, line, column, endLine, endColumn }: Diagnostic): string {
  const characters = [...sourceLine];
  const indent = characters.slice(0, column - 1).map((each) => (each === '\t' ? '\t' : ' '));
  const end = endLine === line ? endColumn : characters.length + 1;
  return indent.join('') + '^'.repeat(Math.max(1, Math.min(end, characters.length + 1) - column));
}
