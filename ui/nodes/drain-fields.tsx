/** How a drain is to go: how long it may take, and whether system jobs go too. */
import { useId } from 'react';
import type { DrainChoice, DrainLimit } from './drain-words.ts';

export interface DrainFieldsProps {
  readonly choice: DrainChoice;
  readonly onChange: (choice: DrainChoice) => void;
}

const LIMITS: readonly (readonly [DrainLimit, string])[] = [
  ['deadline', 'Stop what is left after a deadline'],
  ['none', 'Wait as long as it takes'],
  ['force', 'Everything at once'],
];

export function DrainFields({ choice, onChange }: DrainFieldsProps) {
  const id = useId();
  return (
    <>
      <fieldset className="choices">
        <legend>How long it may take</legend>
        {LIMITS.map(([limit, words]) => (
          <label key={limit}>
            <input
              type="radio"
              name={`${id}-limit`}
              checked={choice.limit === limit}
              onChange={() => onChange({ ...choice, limit })}
            />{' '}
            {words}
          </label>
        ))}
      </fieldset>
      {choice.limit === 'deadline' && (
        <label className="dialog-field">
          Deadline in minutes
          <input
            className="field"
            type="number"
            min={1}
            max={100_000}
            step={1}
            required
            style={{ width: 100 }}
            value={choice.minutes}
            onChange={({ target }) => onChange({ ...choice, minutes: Math.round(Number(target.value)) })}
          />
        </label>
      )}
      <label>
        <input
          type="checkbox"
          checked={choice.ignoreSystem}
          onChange={({ target }) => onChange({ ...choice, ignoreSystem: target.checked })}
        />{' '}
        Leave system jobs alone
      </label>
    </>
  );
}
