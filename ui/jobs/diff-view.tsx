/** Two versions side by side: the old values left, the new ones right, by group and task. */
import { type ReactNode, useState } from 'react';
import type { DiffType, JobDiff } from '../../src/model/plan.ts';
import type { AlignedLine } from './align-lines.ts';
import { type DiffRow, type DiffSection, diffSections } from './diff-rows.ts';

export interface DiffViewProps {
  readonly diff: JobDiff;
  readonly before: string;
  readonly after: string;
}

export function DiffView({ diff, before, after }: DiffViewProps) {
  const [unchanged, setUnchanged] = useState(false);
  const sections = diffSections(diff, { unchanged });
  return (
    <div className="stack">
      <label className="check">
        <input type="checkbox" checked={unchanged} onChange={({ target }) => setUnchanged(target.checked)} />
        Show what stays as well
      </label>
      {sections.length === 0 ? (
        <p className="note">They say the same.</p>
      ) : (
        sections.map((section) => <Section key={section.title} section={section} before={before} after={after} />)
      )}
    </div>
  );
}

const SIGNS: Readonly<Record<DiffType, readonly [sign: string, word: string]>> = {
  Added: ['+', 'added'],
  Deleted: ['−', 'removed'],
  Edited: ['~', 'changed'],
  None: ['', 'unchanged'],
};

interface SectionProps {
  readonly section: DiffSection;
  readonly before: string;
  readonly after: string;
}

const Section = ({ section: { title, type, updates, rows }, before, after }: SectionProps) => (
  <section>
    <h3 className="part">
      {title}
      {(type === 'Added' || type === 'Deleted') && <span className="soft"> {SIGNS[type][1]}</span>}
    </h3>
    {updates.length > 0 && <p className="soft">{updates.join(', ')}.</p>}
    {rows.length > 0 && (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls can be reached by keyboard.
      <section className="table-frame" tabIndex={0} aria-label={`Changes of: ${title}`}>
        <table className="table diff">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">{before}</th>
              <th scope="col">{after}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.path.join('.') + row.type + row.before} row={row} />
            ))}
          </tbody>
        </table>
      </section>
    )}
  </section>
);

function Row({ row }: { readonly row: DiffRow }) {
  const { path, type, lines, before, after, notes } = row;
  const [sign, word] = SIGNS[type];
  return (
    <tr data-type={type}>
      <th scope="row">
        <span aria-hidden="true" className="diff-sign">
          {sign}
        </span>
        <span className="visually-hidden">{word}: </span>
        {path.join(' › ')}
        {notes.length > 0 && <div className="soft">{notes.join(', ')}</div>}
      </th>
      <td data-side="before">{lines ? <Lines lines={lines} side="before" /> : <Value of={before} />}</td>
      <td data-side="after">{lines ? <Lines lines={lines} side="after" /> : <Value of={after} />}</td>
    </tr>
  );
}

/** Nothing and the empty text are not the same. */
const Value = ({ of }: { readonly of: string | undefined }): ReactNode => {
  if (of === undefined) return <span className="soft">none</span>;
  return of === '' ? <span className="soft">empty</span> : <span className="diff-value">{of}</span>;
};

interface LinesProps {
  readonly lines: readonly AlignedLine[];
  readonly side: 'before' | 'after';
}

/** A line for each of the other side, so that they stay beside each other: lines are not wrapped. */
const Lines = ({ lines, side }: LinesProps) => (
  <pre className="diff-lines">
    {lines.map((line, at) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place.
      <span key={at} data-changed={!line.isSame || undefined}>
        {line[side] ?? ''}
        {'\n'}
      </span>
    ))}
  </pre>
);
