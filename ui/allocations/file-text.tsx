/** One file: its end, and on request what is written to it; what is no text can be saved. */
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { FileView } from '../../src/api/files.ts';
import { client } from '../client/client.ts';
import { DownloadButton } from './download-button.tsx';
import { isText, nameOf, sizeWord } from './file-path.ts';
import { OutputPane } from './output-pane.tsx';
import { type TextSource, useTextStream } from './use-text-stream.ts';

const route = getRouteApi('/allocations/$allocId/files');

/** A file is shown from its end: so much of it at most. */
const SHOWN_BYTES = 500_000;

export interface FileTextProps {
  readonly allocId: string;
  readonly path: string;
  readonly file: FileView;
}

export function FileText(props: FileTextProps) {
  const { allocId, path, file } = props;
  const download = (
    <DownloadButton
      name={nameOf(path)}
      read={(signal) => client.files.read(allocId, `/${path}`, { offset: 0, origin: 'start' }, signal)}
    />
  );
  if (isText(file.ContentType)) return <Text {...props}>{download}</Text>;
  return (
    <div className="row">
      <span>
        {nameOf(path)} is no text ({file.ContentType}, {sizeWord(file.Size)}).
      </span>
      {download}
    </div>
  );
}

function Text({ allocId, path, file, children }: FileTextProps & { readonly children: React.ReactNode }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [isFollowed, setFollowed] = useState(false);
  const stream = useTextStream(sourceOf(allocId, path, isFollowed));
  return (
    <>
      {file.Size > SHOWN_BYTES && (
        <p className="soft">
          Of {sizeWord(file.Size)}, the last {sizeWord(SHOWN_BYTES)} are shown.
        </p>
      )}
      <OutputPane
        label={`Content of ${path}`}
        stream={stream}
        reading={search}
        onChange={(reading) => void navigate({ search: { ...search, ...reading }, replace: true })}
        empty="This file is empty."
      >
        {children}
        <label className="row" style={{ gap: 4 }}>
          <input type="checkbox" checked={isFollowed} onChange={({ target }) => setFollowed(target.checked)} />
          Follow
        </label>
      </OutputPane>
    </>
  );
}

const sourceOf = (allocId: string, path: string, isFollowed: boolean): TextSource => ({
  name: `${allocId} ${path}`,
  isFollowed,
  open: (signal) =>
    client.requester.stream(
      `/v1/client/fs/stream/${encodeURIComponent(allocId)}`,
      { path: `/${path}`, offset: SHOWN_BYTES, origin: 'end', follow: isFollowed, plain: true },
      signal,
    ),
});
