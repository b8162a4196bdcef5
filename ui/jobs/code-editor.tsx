/**
 * A text to write: lines with numbers, Tab indents. Escape gives Tab back to the browser until the editor is entered
 * again, so that nobody is caught in it.
 */
import { type KeyboardEvent, type Ref, useId, useImperativeHandle, useRef } from 'react';
import { type Edit, indent, lineRange, newLine, outdent, type Selection } from './editing.ts';

export interface CodeEditorHandle {
  goTo(line: number): void;
}

export interface CodeEditorProps {
  readonly name: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
  /** Of lines with a problem. */
  readonly marked: ReadonlySet<number>;
  /** Ctrl+Enter. */
  readonly onSubmit: () => void;
  readonly ref?: Ref<CodeEditorHandle>;
}

export function CodeEditor({ name, text, onChange, marked, onSubmit, ref }: CodeEditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const isTabFree = useRef(false);
  const [id, hint] = [useId(), useId()];
  useImperativeHandle(ref, () => ({ goTo: (line) => area.current && goTo(area.current, line) }), []);
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === 'Escape') isTabFree.current = true;
    else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) taken(event, onSubmit);
    else if (event.key === 'Enter') taken(event, () => apply(event.currentTarget, newLine));
    else if (event.key === 'Tab' && !isTabFree.current)
      taken(event, () => apply(event.currentTarget, event.shiftKey ? outdent : indent));
  };
  const count = text.split('\n').length;
  return (
    <div>
      <label htmlFor={id} className="part">
        {name}
      </label>
      <div className="editor">
        <Numbers count={count} marked={marked} />
        <textarea
          ref={area}
          id={id}
          rows={Math.min(40, Math.max(12, count + 1))}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          wrap="off"
          aria-describedby={hint}
          value={text}
          onChange={({ target }) => onChange(target.value)}
          onFocus={() => {
            isTabFree.current = false;
          }}
          onKeyDown={onKeyDown}
          onScroll={({ currentTarget }) => {
            const numbers = currentTarget.previousElementSibling;
            if (numbers) numbers.scrollTop = currentTarget.scrollTop;
          }}
        />
      </div>
      <p id={hint} className="soft">
        Tab indents, Shift+Tab the other way; Escape and then Tab leaves the editor. Ctrl+Enter plans.
      </p>
    </div>
  );
}

const Numbers = ({ count, marked }: { readonly count: number; readonly marked: ReadonlySet<number> }) => (
  <div className="editor-numbers" aria-hidden="true">
    {Array.from({ length: count }, (_, at) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number.
      <div key={at} data-marked={marked.has(at + 1) || undefined}>
        {at + 1}
      </div>
    ))}
  </div>
);

function taken(event: KeyboardEvent, act: () => void): void {
  event.preventDefault();
  act();
}

/** Typed, as by hand: the browser's undo knows it, and React hears of it. */
function apply(area: HTMLTextAreaElement, edit: (selection: Selection) => Edit): void {
  const { from, to, insert, start, end } = edit({
    text: area.value,
    start: area.selectionStart,
    end: area.selectionEnd,
  });
  area.setSelectionRange(from, to);
  // The one way into a text field's undo history that there is.
  document.execCommand(insert === '' ? 'delete' : 'insertText', false, insert);
  area.setSelectionRange(start, end);
}

function goTo(area: HTMLTextAreaElement, line: number): void {
  const { start, end } = lineRange(area.value, line);
  area.focus();
  area.setSelectionRange(start, end);
  const lines = area.value.split('\n').length;
  area.scrollTop = Math.max(0, (area.scrollHeight / lines) * (line - 4));
}
