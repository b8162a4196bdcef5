/**
 * The control plane over HTTP: the resources under /v1/ingress. With what Node.js has in itself: any other client takes
 * longer to load than all of this process, and until an ingress has started nobody listens.
 */
import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { request as requestByTls, Agent as TlsAgent } from 'node:https';
import { text } from 'node:stream/consumers';
import { SerinError } from '../lib/errors.ts';
import type { TlsMaterial } from '../lib/tls-material.ts';
import type { IngressReport, RoutingTable } from '../model/ingress.ts';
import type { ControlPlane } from './control-plane.ts';

export interface HttpControlPlaneOptions {
  /** "http://127.0.0.1:4646" */
  readonly serverUrl: string;
  /** Asked for each time: it may change while the ingress runs. */
  readonly token?: () => string;
  readonly tls?: TlsMaterial;
}

const WAIT_SECONDS = 30;
const WATCH_TIMEOUT_MS = (WAIT_SECONDS + 10) * 1000;
const REPORT_TIMEOUT_MS = 5000;
const CONNECTIONS = 4;

export class HttpControlPlane implements ControlPlane {
  readonly #base: string;
  readonly #token: (() => string) | undefined;
  readonly #agent: Agent;

  constructor({ serverUrl, token, tls }: HttpControlPlaneOptions) {
    this.#base = serverUrl.replace(/\/$/, '');
    this.#token = token;
    const limits = { keepAlive: true, maxSockets: CONNECTIONS };
    this.#agent = serverUrl.startsWith('https:') ? new TlsAgent({ ...limits, ...tls }) : new Agent(limits);
  }

  async watchTable(afterIndex: number, signal: AbortSignal): Promise<RoutingTable> {
    const path = `/v1/ingress/table?index=${afterIndex}&wait=${WAIT_SECONDS}s`;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(WATCH_TIMEOUT_MS)]);
    return JSON.parse(await this.#ask('GET', path, undefined, limit)) as RoutingTable;
  }

  async report(report: IngressReport, signal: AbortSignal): Promise<void> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(REPORT_TIMEOUT_MS)]);
    await this.#ask('PUT', '/v1/ingress/report', JSON.stringify(report), limit);
  }

  async leave(ingressId: string): Promise<void> {
    const path = `/v1/ingress/${encodeURIComponent(ingressId)}`;
    await this.#ask('DELETE', path, undefined, AbortSignal.timeout(REPORT_TIMEOUT_MS));
  }

  async close(): Promise<void> {
    this.#agent.destroy();
  }

  async #ask(
    method: 'GET' | 'PUT' | 'DELETE',
    path: string,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<string> {
    const headers = { 'content-type': 'application/json', ...(this.#token && { 'x-nomad-token': this.#token() }) };
    const response = await send(this.#base + path, { method, headers, agent: this.#agent, signal }, body);
    const answer = await text(response);
    if (response.statusCode === 200 || response.statusCode === 204) return answer;
    const what = answer.trim().slice(0, 200);
    throw new SerinError('unavailable', `${method} ${this.#base}${path} answered ${response.statusCode}: ${what}`);
  }
}

function send(url: string, options: RequestOptions, body = ''): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const start = url.startsWith('https:') ? requestByTls : request;
    start(url, options, resolve).on('error', reject).end(body);
  });
}
