/** /v1/client/fs/logs/:id: a task's output, as it is (`plain`) or in frames; with `follow`, as it comes. */
import { SerinError } from '../../lib/errors.ts';
import { type Answer, stream } from '../answer.ts';
import type { LogFrame, LogRequest, NodeOperations } from '../deps.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { Call, Route } from '../route.ts';
import { startReading } from '../start-reading.ts';
import { type ClientDeps, whereItRuns } from './locate-alloc.ts';

const HEARTBEAT_MS = 1000;
/** So long may the first words of a task take before the answer's head is sent without them. */
const HEAD_AFTER_MS = 100;

export const clientLogRoutes = (deps: ClientDeps): readonly Route[] => [
  {
    path: '/v1/client/fs/logs/:id',
    streams: true,
    GET: whereItRuns(deps, (node, id, call) => logs(deps, node, id, call)),
  },
];

/** An error before the first frame is still a status; after it the answer can only end. */
async function logs({ clock }: ClientDeps, node: NodeOperations, allocId: string, call: Call): Promise<Answer> {
  const request = logRequest(call);
  const frames = await startReading(node.readLogs(allocId, request), clock, HEAD_AFTER_MS);
  if (call.query.flag('plain')) return stream(plain(frames), 'text/plain; charset=utf-8');
  return stream(framed(withHeartbeat(frames, clock, HEARTBEAT_MS)), 'application/json');
}

function logRequest(call: Call): LogRequest {
  const { query } = call;
  return {
    task: query.text('task') || refuse('must provide task name'),
    type: oneOf(query.text('type'), ['stdout', 'stderr'], 'must provide log type (stdout/stderr)'),
    origin: oneOf(query.text('origin') || 'start', ['start', 'end'], 'origin must be start or end'),
    offset: offsetOf(query.text('offset') || '0'),
    follow: query.flag('follow'),
    signal: call.signal,
  };
}

function oneOf<T extends string>(value: string | undefined, choices: readonly T[], otherwise: string): T {
  return choices.find((choice) => choice === value) ?? refuse(otherwise);
}

function offsetOf(value: string): number {
  return /^\d{1,15}$/.test(value) ? Number(value) : refuse('offset must be a whole number of bytes');
}

function refuse(sentence: string): never {
  throw new SerinError('badRequest', sentence);
}

async function* plain(frames: AsyncIterable<LogFrame>): AsyncGenerator<Uint8Array> {
  for await (const frame of frames) yield Buffer.from(frame.Data, 'base64');
}

async function* framed(frames: AsyncIterable<LogFrame | undefined>): AsyncGenerator<string> {
  for await (const frame of frames) yield frame === undefined ? '{}' : JSON.stringify(frame);
}
