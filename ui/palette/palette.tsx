/** Finds anything by a few letters: a field and the list below it, moved through with the arrow keys. */
import { useRouter } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { Entry } from './entries.ts';
import './palette.css';
import { useEntries } from './use-entries.ts';

export default function Palette({ close }: { readonly close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside it closes it, as Escape does.
    <dialog
      ref={dialog}
      className="palette"
      aria-label="Find and do"
      onClose={close}
      onClick={({ target }) => target === dialog.current && dialog.current?.close()}
    >
      <Finder leave={() => dialog.current?.close()} />
    </dialog>
  );
}

function Finder({ leave }: { readonly leave: () => void }) {
  const id = useId();
  const router = useRouter();
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState(0);
  // At once, so that Enter never takes what was best for fewer letters.
  const entries = useEntries(typed);
  const at = Math.min(chosen, entries.length - 1);
  const take = (entry: Entry | undefined) => {
    if (!entry) return;
    leave();
    if (entry.path !== undefined) router.history.push(`/ui${entry.path}`);
    else entry.act?.();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = nextPlace(event.key, at, entries.length);
    if (event.key === 'Enter') take(entries[at]);
    else if (next !== undefined) setChosen(next);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        className="palette-field"
        type="text"
        role="combobox"
        aria-label="Find jobs, allocations, deployments, nodes, views and actions"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
        aria-autocomplete="list"
        autoComplete="off"
        spellCheck={false}
        placeholder="Find a job, a node, a deployment, an allocation by its id …"
        value={typed}
        onChange={({ target }) => {
          setTyped(target.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={id} role="listbox" aria-label="Found" className="palette-list">
        {entries.map((entry, place) => (
          <Option
            key={entry.key}
            id={`${id}-${place}`}
            entry={entry}
            isChosen={place === at}
            take={() => take(entry)}
          />
        ))}
      </div>
      <p className="palette-foot soft" role="status">
        {entries.length === 0 ? 'Nothing is called so. Allocations are found by the beginning of their id.' : FOOT}
      </p>
    </>
  );
}

const FOOT = 'Arrows choose, Enter opens, Escape closes.';

interface OptionProps {
  readonly id: string;
  readonly entry: Entry;
  readonly isChosen: boolean;
  readonly take: () => void;
}

function Option({ id, entry: { name, kind, hint }, isChosen, take }: OptionProps) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isChosen) element.current?.scrollIntoView({ block: 'nearest' });
  }, [isChosen]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys, as the pattern of a combobox wants it.
    // biome-ignore lint/a11y/useFocusableInteractive: the same.
    <div ref={element} id={id} role="option" aria-selected={isChosen} className="palette-option" onClick={take}>
      <span className="palette-kind">{kind}</span>
      <span className="palette-name">{name}</span>
      {hint && <span className="soft">{hint}</span>}
    </div>
  );
}

/** From the end to the beginning and back. */
function nextPlace(key: string, at: number, count: number): number | undefined {
  if (count === 0) return undefined;
  switch (key) {
    case 'ArrowDown':
      return (at + 1) % count;
    case 'ArrowUp':
      return (at - 1 + count) % count;
    case 'PageDown':
      return Math.min(at + 10, count - 1);
    case 'PageUp':
      return Math.max(at - 10, 0);
    default:
      return undefined;
  }
}
