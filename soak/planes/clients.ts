/** All five kinds of clients at once, and what they saw. */
import { startLoad } from '../../bench/load.ts';
import { type ClientLoad, type ClientWatch, inTurn } from './client-load.ts';
import { ClientKind, type Failure } from './failures.ts';
import { startHttp2Load } from './http2-load.ts';
import { Plane, type PlaneRig } from './rig.ts';
import { DRAIN_DEADLINE_MS } from './service-job.ts';
import { startWebSocketLoad } from './websocket-load.ts';

export interface ClientFigures {
  readonly answers: Readonly<Record<ClientKind, number>>;
  readonly politeCloses: number;
  readonly unanswered: number;
  /** Streams that were sent again, since they were refused before anything was done with them. */
  readonly refused: number;
}

export interface Clients {
  figures(): ClientFigures;
  /** What has failed since it was asked last. */
  takeFailures(): Failure[];
  /** How many answers of this version there were. */
  answersOf(version: string): number;
  /** How many answers came through the ingress there. */
  answersAt(host: string): number;
  /** The time of the last answer over a fresh connection through the ingress there. */
  lastFreshMs(host: string): number;
  stop(): Promise<void>;
}

/** In the words of a report. */
export const CLIENT_WORDS =
  'Five kinds of clients from before the first update until after the last, about 200 requests a second: 8 kept connections (half `GET`, half `POST`s of 40 ms that may not be sent twice), fresh connections for every request, 2 connections of HTTP/2 without TLS with 4 streams each, WebSockets with ten echoes a second (3 that last a second, 1 that stays until it is told to close), downloads of 0.6 s and one of 3 s, one after the other. They know both ingresses: half of them begin with each, and whoever opens a connection anew takes the other one.';

const SLOW_MS = 40;
const DOWNLOAD_MS = 600;
const LONG_DOWNLOAD_MS = 3000;

export function startClients({ listen, plane, ingresses }: PlaneRig): Clients {
  const hosts = ingresses.map(({ host }) => host);
  const hostOf = inTurn(hosts);
  const base = `http://${hosts[0]}:${listen}`;
  const tally = new Tally();
  const http1 = (kind: ClientKind, path: string, options: Partial<Parameters<typeof startLoad>[0]>): ClientLoad =>
    startLoad({
      url: base + path,
      hostOf,
      connections: 4,
      keepAlive: kind === ClientKind.fresh ? 'never' : 'always',
      onResponse: ({ version }, { host }) => tally.onAnswer(kind, version, host),
      onFailure: (failure) => tally.onFailure({ kind, ...failure }),
      ...options,
    });
  const body = Buffer.from('not to be sent twice');
  const loads: ClientLoad[] = [
    http1(ClientKind.keepAlive, '/', { ratePerSecond: 40 }),
    http1(ClientKind.keepAlive, `/slow?ms=${SLOW_MS}`, { ratePerSecond: 20, method: 'POST', body }),
    http1(ClientKind.fresh, '/', { ratePerSecond: 40 }),
    http1(ClientKind.download, `/download?ms=${DOWNLOAD_MS}`, { connections: 3, keepAlive: 'mixed' }),
    http1(ClientKind.download, `/download?ms=${LONG_DOWNLOAD_MS}`, { connections: 1 }),
    startHttp2Load({ port: listen, hostOf, connections: 2, streamsPerConnection: 4, ratePerSecond: 40 }, tally),
    startWebSocketLoad(
      {
        port: listen,
        hostOf,
        short: 3,
        long: 1,
        // HAProxy writes nothing into a WebSocket: it ends the connection.
        bareEndFromMs: plane === Plane.haproxy ? DRAIN_DEADLINE_MS : Number.POSITIVE_INFINITY,
        onPoliteClose: (count) => tally.closed(count),
      },
      tally,
    ),
  ];
  return {
    figures: () => tally.figures(),
    takeFailures: () => tally.failures.splice(0),
    answersOf: (version) => tally.byVersion.get(version) ?? 0,
    answersAt: (host) => tally.byHost.get(host) ?? 0,
    lastFreshMs: (host) => tally.lastFreshMs.get(host) ?? 0,
    async stop() {
      await Promise.all(loads.map((each) => each.stop()));
    },
  };
}

class Tally implements ClientWatch {
  readonly failures: Failure[] = [];
  readonly byVersion = new Map<string, number>();
  readonly #answers: Record<ClientKind, number> = {
    'keep-alive': 0,
    fresh: 0,
    'HTTP/2': 0,
    WebSocket: 0,
    download: 0,
  };
  #politeCloses = 0;
  #unanswered = 0;
  #refused = 0;
  readonly byHost = new Map<string, number>();
  readonly lastFreshMs = new Map<string, number>();

  onAnswer(kind: ClientKind, version: string, host: string): void {
    this.#answers[kind]++;
    this.byVersion.set(version, (this.byVersion.get(version) ?? 0) + 1);
    this.byHost.set(host, (this.byHost.get(host) ?? 0) + 1);
    if (kind === ClientKind.fresh) this.lastFreshMs.set(host, performance.now());
  }

  onFailure(failure: Failure): void {
    this.failures.push(failure);
  }

  onRefused(): void {
    this.#refused++;
  }

  closed(unanswered: number): void {
    this.#politeCloses++;
    this.#unanswered += unanswered;
  }

  figures(): ClientFigures {
    return {
      answers: { ...this.#answers },
      politeCloses: this.#politeCloses,
      unanswered: this.#unanswered,
      refused: this.#refused,
    };
  }
}
