/** A text that grows: searched, wrapped or not, held at its end until the reader scrolls up. Used for logs and files. */
import { type ReactNode, useDeferredValue, useId, useRef } from 'react';
import { Button } from '../kit/button.tsx';
import { counted } from '../kit/words.ts';
import { KEPT_LINES, lineCount } from './line-buffer.ts';
import { OutputLines } from './output-lines.tsx';
import { OutputState } from './output-state.tsx';
import { useMatches } from './use-matches.ts';
import { usePinned } from './use-pinned.ts';
import type { TextStream } from './use-text-stream.ts';

/** What the address holds of how a text is read. */
export interface Reading {
  readonly q?: string | undefined;
  readonly only?: true | undefined;
  readonly nowrap?: true | undefined;
}

export interface OutputPaneProps {
  /** "Output of server, stdout". */
  readonly label: string;
  readonly stream: TextStream;
  readonly reading: Reading;
  readonly onChange: (change: Reading) => void;
  /** Said where there is not one line. */
  readonly empty: ReactNode;
  /** Further fields and buttons. */
  readonly children?: ReactNode;
}

export function OutputPane({ label, stream, reading, onChange, empty, children }: OutputPaneProps) {
  const id = useId();
  const frame = useRef<HTMLElement>(null);
  const query = useDeferredValue(reading.q ?? '');
  const pinned = usePinned(frame);
  const matches = useMatches(frame, stream.buffer, query);
  return (
    <div className="output">
      <div className="row">
        {children}
        <label htmlFor={id} className="visually-hidden">
          Search these lines
        </label>
        <input
          id={id}
          type="search"
          className="field"
          placeholder="Search these lines"
          value={reading.q ?? ''}
          onChange={({ target }) => onChange({ q: target.value || undefined })}
          onKeyDown={(event) => event.key === 'Enter' && matches.go(event.shiftKey ? -1 : 1)}
        />
        {query !== '' && (
          <>
            <span className="soft" role="status">
              {counted(matches.count, 'line')} of {lineCount(stream.buffer)}
            </span>
            <Button onClick={() => matches.go(-1)} disabled={matches.count === 0} aria-label="Match before">
              ↑
            </Button>
            <Button onClick={() => matches.go(1)} disabled={matches.count === 0} aria-label="Next match">
              ↓
            </Button>
            <Tick label="Only these" isSet={reading.only} onSet={(only) => onChange({ only })} />
          </>
        )}
        <Tick
          label="Wrap"
          isSet={reading.nowrap ? undefined : true}
          onSet={(wrap) => onChange({ nowrap: wrap ? undefined : true })}
        />
      </div>
      {stream.buffer.dropped > 0 && (
        <p className="soft">
          The last {KEPT_LINES.toLocaleString('en')} lines are kept here; {stream.buffer.dropped.toLocaleString('en')}{' '}
          before them went. A download has them all.
        </p>
      )}
      <section
        ref={frame}
        className="output-frame"
        data-wrap={!reading.nowrap}
        aria-label={label}
        // A part that scrolls can be reached by keyboard.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls.
        tabIndex={0}
        onScroll={pinned.onScroll}
      >
        {lineCount(stream.buffer) === 0 ? (
          <div className="soft output-empty">{stream.state === 'opening' ? 'Asking the agent …' : empty}</div>
        ) : (
          <OutputLines buffer={stream.buffer} query={query} only={reading.only === true && query !== ''} />
        )}
      </section>
      <div className="row">
        <OutputState stream={stream} />
        {!pinned.isPinned && <Button onClick={pinned.toEnd}>Jump to the end</Button>}
      </div>
    </div>
  );
}

interface TickProps {
  readonly label: string;
  readonly isSet: true | undefined;
  readonly onSet: (isSet: true | undefined) => void;
}

const Tick = ({ label, isSet, onSet }: TickProps) => (
  <label className="row" style={{ gap: 4 }}>
    <input type="checkbox" checked={isSet ?? false} onChange={({ target }) => onSet(target.checked || undefined)} />
    {label}
  </label>
);
