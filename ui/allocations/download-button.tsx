/** Saves a text as a file. It is read with the page's token, which a plain link could not send. */
import { useMutation } from '@tanstack/react-query';
import { Button } from '../kit/button.tsx';
import { ErrorNote } from '../kit/note.tsx';

export interface DownloadButtonProps {
  /** Of the file. */
  readonly name: string;
  readonly read: (signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;
}

export function DownloadButton({ name, read }: DownloadButtonProps) {
  const download = useMutation({ mutationFn: () => save(name, read) });
  return (
    <>
      <Button onClick={() => download.mutate()} disabled={download.isPending}>
        {download.isPending ? 'Downloading …' : 'Download'}
      </Button>
      {download.error && <ErrorNote error={download.error} />}
    </>
  );
}

async function save(name: string, read: DownloadButtonProps['read']): Promise<void> {
  const parts: BlobPart[] = [];
  for await (const chunk of await read(new AbortController().signal)) parts.push(chunk as Uint8Array<ArrayBuffer>);
  const url = URL.createObjectURL(new Blob(parts, { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name.replace(/[^\w.-]+/g, '_');
  link.click();
  // The browser has begun by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
