/** Whose tiles are shown, what their colour says, and what their forms mean. */
import { useId, useMemo } from 'react';
import { Button } from '../kit/button.tsx';
import type { AllocRow } from '../live/alloc-row.ts';
import { tileState } from './tile-look.ts';
import type { TopologySearch } from './topology-search.ts';

export interface TopologyChoicesProps {
  readonly allocs: readonly AllocRow[];
  readonly search: TopologySearch;
  readonly onChange: (change: TopologySearch) => void;
}

export function TopologyChoices({ allocs, search, onChange }: TopologyChoicesProps) {
  const id = useId();
  const jobs = useMemo(() => jobsOf(allocs), [allocs]);
  return (
    <search className="row">
      <label htmlFor={id} className="visually-hidden">
        Show one job alone
      </label>
      <input
        key={search.job}
        id={id}
        className="field"
        type="search"
        list={`${id}-jobs`}
        placeholder="Every job"
        defaultValue={search.job ?? ''}
        onChange={({ target: { value } }) => {
          if (value === '' || jobs.includes(value)) onChange({ job: value || undefined });
        }}
      />
      <datalist id={`${id}-jobs`}>
        {jobs.slice(0, LISTED).map((job) => (
          <option key={job} value={job} />
        ))}
      </datalist>
      <label>
        <span className="visually-hidden">Colour by</span>
        <select
          className="field"
          value={search.colour ?? 'state'}
          onChange={({ target }) => onChange({ colour: target.value === 'job' ? 'job' : undefined })}
        >
          <option value="state">coloured by state</option>
          <option value="job">coloured by job</option>
        </select>
      </label>
      <Button onClick={() => onChange({ as: search.as === 'table' ? undefined : 'table' })}>
        {search.as === 'table' ? 'As a picture' : 'As a table'}
      </Button>
      <Legend />
    </search>
  );
}

/** A browser makes an element of each. */
const LISTED = 200;

const jobsOf = (allocs: readonly AllocRow[]): readonly string[] =>
  [...new Set(allocs.filter(tileState).map(({ JobID }) => JobID))].sort();

const Legend = () => (
  <span className="row soft">
    {(['running', 'starting', 'stopping', 'failed'] as const).map((state) => (
      <span key={state} className="tile-legend">
        <span className="tile" data-state={state} aria-hidden="true" /> {state}
      </span>
    ))}
  </span>
);
