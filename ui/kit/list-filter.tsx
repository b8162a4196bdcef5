/** Narrows a list by words and by state. */
import { type ReactNode, useId } from 'react';
import type { ListSearch } from './list-search.ts';

export interface ListFilterProps {
  /** "jobs". */
  readonly noun: string;
  readonly search: ListSearch;
  readonly statuses?: readonly string[];
  readonly onChange: (change: ListSearch) => void;
  /** Further choices, beside these. */
  readonly children?: ReactNode;
}

export function ListFilter({ noun, search, statuses = [], onChange, children }: ListFilterProps) {
  const id = useId();
  return (
    <search className="row">
      <label htmlFor={id} className="visually-hidden">
        Search {noun}
      </label>
      <input
        id={id}
        type="search"
        className="field"
        placeholder={`Search ${noun}`}
        value={search.q ?? ''}
        onChange={({ target }) => onChange({ q: target.value || undefined })}
      />
      {statuses.length > 0 && (
        <label>
          <span className="visually-hidden">Status</span>
          <select
            className="field"
            value={search.status ?? ''}
            onChange={({ target }) => onChange({ status: target.value || undefined })}
          >
            <option value="">every status</option>
            {statuses.map((status) => (
              <option key={status}>{status}</option>
            ))}
          </select>
        </label>
      )}
      {children}
    </search>
  );
}
