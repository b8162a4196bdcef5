/** The keys of the page. */
import { useEffect, useId, useRef } from 'react';
import { Button } from '../kit/button.tsx';
import './palette.css';
import { shortcuts } from './shortcuts.ts';

export default function ShortcutHelp({ close }: { readonly close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={id} onClose={close}>
      <h2 id={id}>Keys</h2>
      <dl className="facts" style={{ marginTop: 10 }}>
        <Line keys={['Ctrl', 'K']} words="Find anything, and do what can be done here (⌘ K on a Mac)" />
        {shortcuts.map(({ keys, words }) => (
          <Line key={words} keys={keys} words={words} />
        ))}
      </dl>
      <form method="dialog" className="row">
        <Button type="submit">Close</Button>
      </form>
    </dialog>
  );
}

const Line = ({ keys, words }: { readonly keys: readonly string[]; readonly words: string }) => (
  <div style={{ display: 'contents' }}>
    <dt>
      {keys.map((key) => (
        <kbd key={key} className="palette-key">
          {key}
        </kbd>
      ))}
    </dt>
    <dd>{words}</dd>
  </div>
);
