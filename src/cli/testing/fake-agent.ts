/** A small agent for tests of the command line: serves the answers that a real peer gave at one moment of a flow. */
import { existsSync, readFileSync } from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeAgent {
  readonly address: string;
  /** Every request, as "PUT /v1/jobs". */
  readonly requests: string[];
  /** The last body of each request, by "PUT /v1/jobs". */
  readonly bodies: Map<string, unknown>;
  close(): Promise<void>;
}

/** A route's answer; a function of the request counts how often it was asked. */
export type Answer = { readonly status?: number; readonly text: string; readonly index?: number };
export type Routes = Readonly<Record<string, Answer | ((url: URL) => Answer | Promise<Answer>)>>;

export async function startFakeAgent(routes: Routes): Promise<FakeAgent> {
  const requests: string[] = [];
  const bodies = new Map<string, unknown>();
  const server = http.createServer(async (request, response) => {
    const url = new URL(request.url!, 'http://agent');
    const name = `${request.method} ${url.pathname}`;
    requests.push(name);
    const body = await bodyOf(request);
    if (body !== '') bodies.set(name, JSON.parse(body));
    const route = routes[name];
    send(response, typeof route === 'function' ? await route(url) : (route ?? { status: 404, text: 'not found' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    requests,
    bodies,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status ?? 200, { 'x-nomad-index': String(answer.index ?? 1) });
  response.end(answer.text);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

const TESTDATA = new URL('../../../testdata/cli/', import.meta.url);

export const goldenText = (name: string): string => readFileSync(new URL(name, TESTDATA), 'utf8');
export const golden = <T>(name: string): T => JSON.parse(goldenText(name)) as T;

interface Identified {
  readonly ID: string;
}

/** The routes of everything that was recorded at a moment. */
export function routesOf(moment: string): Routes {
  const text = (file: string): string => {
    const url = new URL(`${moment}/${file}.json`, TESTDATA);
    return existsSync(url) ? readFileSync(url, 'utf8') : '[]';
  };
  const list = (file: string) => JSON.parse(text(file)) as Identified[];
  const prefixed = (file: string) => (url: URL) => ({
    text: rawElements(text(file), (element) => element.ID.startsWith(url.searchParams.get('prefix') ?? '')),
  });
  const wholes = [
    ...list('evaluations').map(({ ID }) => [`GET /v1/evaluation/${ID}`, rawElement(text('evaluations'), ID)]),
    ...list('deployments').map(({ ID }) => [`GET /v1/deployment/${ID}`, rawElement(text('deployments'), ID)]),
    ...['allocation_oldest', 'allocation_newest'].map((file) => [allocPath(text(file)), text(file)]),
  ].map(([path, body]) => [path, { text: body! }]);
  const id = list('jobs')[0]?.ID;
  const job = (file: string) => ({ text: text(file) });
  return {
    ...(Object.fromEntries(wholes) as Routes),
    'GET /v1/jobs': prefixed('jobs'),
    'GET /v1/allocations': prefixed('job_allocations'),
    'GET /v1/evaluations': prefixed('evaluations'),
    'GET /v1/deployments': prefixed('deployments'),
    'GET /v1/nodes': prefixed('nodes'),
    'GET /v1/agent/members': job('agent_members'),
    'GET /v1/status/leader': job('status_leader'),
    [`GET /v1/job/${id}`]: job('job'),
    [`GET /v1/job/${id}/summary`]: job('job_summary'),
    [`GET /v1/job/${id}/allocations`]: job('job_allocations'),
    [`GET /v1/job/${id}/evaluations`]: job('job_evaluations'),
    [`GET /v1/job/${id}/deployment`]: job('job_deployment'),
    [`GET /v1/job/${id}/deployments`]: job('job_deployments'),
    [`GET /v1/job/${id}/versions`]: job('job_versions_diffs'),
  };
}

function allocPath(text: string): string {
  const { ID } = JSON.parse(text) as Partial<Identified>;
  return `GET /v1/allocation/${ID ?? 'none'}`;
}

/** Keeps the digits of numbers: takes the element's own text out of the list. */
function rawElement(text: string, id: string): string {
  return rawElements(text, (element) => element.ID === id).slice(1, -1);
}

function rawElements(text: string, isWanted: (element: Identified) => boolean): string {
  const parts: string[] = [];
  for (let at = 1, depth = 0, start = 1, quoted = false; at < text.length; at++) {
    const letter = text[at]!;
    if (letter === '"' && text[at - 1] !== '\\') quoted = !quoted;
    if (quoted) continue;
    if (letter === '{' || letter === '[') depth++;
    if ((letter === ',' && depth === 0) || (letter === ']' && depth === 0)) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
    if (letter === '}' || letter === ']') depth--;
  }
  const wanted = parts.filter((part) => part.trim() !== '' && isWanted(JSON.parse(part) as Identified));
  return `[${wanted.join(',')}]`;
}
