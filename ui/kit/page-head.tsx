/** The head of a view: its name, what state it is in, what can be done. Names the browser's tab as well. */
import { type ReactNode, useEffect } from 'react';

export interface PageHeadProps {
  readonly title: string;
  /** Badges and links beside the title. */
  readonly about?: ReactNode;
  readonly actions?: ReactNode;
}

export function PageHead({ title, about, actions }: PageHeadProps) {
  useEffect(() => {
    document.title = `${title} · Serin`;
  }, [title]);
  return (
    <header className="page-head">
      <div className="row">
        <h1>{title}</h1>
        {about}
      </div>
      {actions && <div className="row">{actions}</div>}
    </header>
  );
}
