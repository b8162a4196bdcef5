/** /v1/client/fs/…: what is in the folder of an allocation. Files are sent as they are asked for, never held whole. */
import { SerinError } from '../../lib/errors.ts';
import { type Answer, json, rows, stream } from '../answer.ts';
import type { FileChunk, FileRequest, FilesReader } from '../deps.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { Query } from '../query.ts';
import type { Call, Handler, Route } from '../route.ts';
import { startReading } from '../start-reading.ts';
import { type ClientDeps, whereItRuns } from './locate-alloc.ts';

const HEARTBEAT_MS = 1000;
/** So long may the first bytes take before the answer's head is sent without them. */
const HEAD_AFTER_MS = 1000;
/** Whatever it is, no browser shall take it for a page of this agent. */
const BYTES = 'application/octet-stream';

export function clientFileRoutes(deps: ClientDeps): readonly Route[] {
  return [
    {
      path: '/v1/client/fs/ls/:id',
      GET: inFolder(deps, async (files, { query }) =>
        rows(await files.list(query.text('path') || '/'), (info) => info),
      ),
    },
    {
      path: '/v1/client/fs/stat/:id',
      GET: inFolder(deps, async (files, { query }) => json(await files.stat(pathOf(query)))),
    },
    {
      path: '/v1/client/fs/cat/:id',
      streams: true,
      GET: inFolder(deps, (files, call) => bytes(deps, files, call, whole(pathOf(call.query)))),
    },
    {
      path: '/v1/client/fs/readat/:id',
      streams: true,
      GET: inFolder(deps, (files, call) => bytes(deps, files, call, part(call.query))),
    },
    {
      path: '/v1/client/fs/stream/:id',
      streams: true,
      GET: inFolder(deps, (files, call) => streamed(deps, files, call)),
    },
  ];
}

const inFolder = (deps: ClientDeps, look: (files: FilesReader, call: Call) => Promise<Answer>): Handler =>
  whereItRuns(deps, async (node, id, call) => {
    if (node.files === undefined) throw new SerinError('notSupported', 'This node does not show the files of a task.');
    return look(node.files(id), call);
  });

async function streamed(deps: ClientDeps, files: FilesReader, call: Call): Promise<Answer> {
  const request = followed(call.query);
  if (call.query.flag('plain')) return bytes(deps, files, call, request);
  const chunks = await begin(deps, files, call, request);
  return stream(framed(withHeartbeat(chunks, deps.clock, HEARTBEAT_MS)), 'application/json');
}

async function bytes(deps: ClientDeps, files: FilesReader, call: Call, request: FileRequest): Promise<Answer> {
  return stream(plain(await begin(deps, files, call, request)), BYTES);
}

/** An error before the first bytes is still a status; after them the answer can only end. */
const begin = ({ clock }: ClientDeps, files: FilesReader, call: Call, request: FileRequest) =>
  startReading(files.read(request, call.signal), clock, HEAD_AFTER_MS);

const whole = (path: string): FileRequest => ({ path, offset: 0, origin: 'start', follow: false });

const part = (query: Query): FileRequest => ({
  ...whole(pathOf(query)),
  offset: numberOf(query, 'offset'),
  limit: numberOf(query, 'limit'),
});

const followed = (query: Query): FileRequest => ({
  path: pathOf(query),
  offset: query.text('offset') ? numberOf(query, 'offset') : 0,
  origin: originOf(query.text('origin') || 'start'),
  follow: query.flag('follow', true),
});

const pathOf = (query: Query): string => query.text('path') || refuse('must provide a file name');

function numberOf(query: Query, name: string): number {
  const value = query.text(name) ?? '';
  return /^\d{1,15}$/.test(value) ? Number(value) : refuse(`${name} must be a whole number of bytes`);
}

const originOf = (value: string): 'start' | 'end' =>
  value === 'start' || value === 'end' ? value : refuse('origin must be start or end');

function refuse(sentence: string): never {
  throw new SerinError('badRequest', sentence);
}

async function* plain(chunks: AsyncIterable<FileChunk>): AsyncGenerator<Uint8Array> {
  for await (const { Data } of chunks) if (Data.length > 0) yield Data;
}

async function* framed(chunks: AsyncIterable<FileChunk | undefined>): AsyncGenerator<string> {
  for await (const chunk of chunks) yield chunk === undefined ? '{}' : JSON.stringify(frameOf(chunk));
}

const frameOf = ({ Data, ...rest }: FileChunk) => ({ ...rest, Data: Buffer.from(Data).toString('base64') });
