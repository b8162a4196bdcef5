/** The files of an allocation, as long as its node keeps them. Paths begin at the folder of the allocation. */
import { type LogFrame, readLogFrames } from './log-frames.ts';
import type { Read, Requester } from './requester.ts';

export interface FileView {
  readonly Name: string;
  readonly IsDir: boolean;
  readonly Size: number;
  /** "-rw-r--r--". */
  readonly FileMode: string;
  readonly ModTime: string;
  readonly ContentType?: string;
}

/** Bytes from the first one forward, or from the last one backward. */
export interface FilePlace {
  readonly offset: number;
  readonly origin: 'start' | 'end';
}

export interface FilesApi {
  list(allocId: string, path: string): Promise<Read<FileView[]>>;
  stat(allocId: string, path: string): Promise<Read<FileView>>;
  /** To the end of the file, byte for byte. */
  read(allocId: string, path: string, place: FilePlace, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** On and on, each piece with its place. */
  follow(allocId: string, path: string, place: FilePlace, signal?: AbortSignal): Promise<AsyncIterable<LogFrame>>;
}

export function filesApi({ read, stream }: Requester): FilesApi {
  const url = (verb: string, allocId: string) => `/v1/client/fs/${verb}/${encodeURIComponent(allocId)}`;
  return {
    list: (allocId, path) => read(url('ls', allocId), {}, { path }),
    stat: (allocId, path) => read(url('stat', allocId), {}, { path }),
    read: (allocId, path, place, signal) =>
      stream(url('stream', allocId), { path, ...place, follow: false, plain: true }, signal),
    follow: async (allocId, path, place, signal) =>
      readLogFrames(await stream(url('stream', allocId), { path, ...place, follow: true }, signal)),
  };
}
