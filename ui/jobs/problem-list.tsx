/** Everything that is wrong with a job file; each leads to its line. */
import { counted } from '../kit/words.ts';
import type { Problem } from './problems.ts';

export interface ProblemListProps {
  readonly problems: readonly Problem[];
  readonly goTo: (line: number) => void;
}

export const ProblemList = ({ problems, goTo }: ProblemListProps) => (
  <div className="note" data-tone="bad" role="alert">
    <strong>{counted(problems.length, 'problem')}</strong>
    <ul className="problems">
      {problems.map(({ line, column, message }) => (
        <li key={`${line}:${column}:${message}`}>
          {line !== undefined && (
            <button type="button" className="link" onClick={() => goTo(line)}>
              line {line}
            </button>
          )}{' '}
          {message}
        </li>
      ))}
    </ul>
  </div>
);
