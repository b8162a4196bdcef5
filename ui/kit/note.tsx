/** A sentence to the reader: an error is said at once to a screen reader, an empty place says what to do. */
import type { ReactNode } from 'react';
import { wordsOf } from '../client/words.ts';

export const ErrorNote = ({ error }: { readonly error: unknown }) => (
  <p className="note" data-tone="bad" role="alert">
    {wordsOf(error)}
  </p>
);

export const Empty = ({ children }: { readonly children: ReactNode }) => <div className="empty">{children}</div>;

export const Loading = () => (
  <p className="empty" role="status">
    Asking the agent …
  </p>
);
