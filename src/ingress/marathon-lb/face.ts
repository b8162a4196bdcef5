/** marathon-lb's face: a port of its own, for zdd.py and for whoever looks at marathon-lb's statistics. It changes nothing. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Clock, sleep } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { Service } from '../../lib/service.ts';
import { type LbSources, lbAnswer } from './answers.ts';

export interface LbFaceOptions {
  readonly port: number;
  readonly bindAddress: string;
  /** Asked for each request. */
  readonly sources: () => LbSources;
  readonly clock: Clock;
  readonly log: Log;
}

const RETRY_MS = 500;

export class MarathonLbFace implements Service {
  readonly id = 'marathon-lb-face';
  readonly #options: LbFaceOptions;
  #port = 0;

  constructor(options: LbFaceOptions) {
    this.#options = options;
  }

  /** Where it listens; 0 while it does not. */
  get port(): number {
    return this.#port;
  }

  /** A port that is taken is tried again until it is free. */
  async run(signal: AbortSignal): Promise<void> {
    let isTold = false;
    while (!signal.aborted) {
      const server = createServer((request, response) => this.#answer(request, response));
      const problem = await this.#listen(server);
      if (problem === undefined) return this.#serve(server, signal);
      if (!isTold) this.#options.log.error({ error: problem }, 'marathon-lb’s port cannot be opened, trying again');
      isTold = true;
      await sleep(this.#options.clock, RETRY_MS, signal);
    }
  }

  #listen(server: Server): Promise<string | undefined> {
    const { port, bindAddress } = this.#options;
    return new Promise((resolve) => {
      server.once('error', (error) => resolve(messageOf(error)));
      server.listen({ port, host: bindAddress }, () => resolve(undefined));
    });
  }

  async #serve(server: Server, signal: AbortSignal): Promise<void> {
    const { log, port } = this.#options;
    const address = server.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : port;
    log.info({ port: this.#port }, 'marathon-lb’s statistics are served');
    await new Promise<void>((resolve) => {
      server.once('close', resolve);
      const close = () => {
        server.close();
        server.closeAllConnections();
      };
      if (signal.aborted) close();
      else signal.addEventListener('abort', close, { once: true });
    });
    this.#port = 0;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const answer = isRead
      ? lbAnswer(request.url ?? '/', this.#options.sources())
      : { status: 405, type: 'text/plain', body: 'only GET\n' };
    const length = Buffer.byteLength(answer.body);
    response.writeHead(answer.status, {
      'content-type': answer.type,
      'content-length': length,
      'cache-control': 'no-cache',
    });
    response.end(request.method === 'HEAD' ? undefined : answer.body);
  }
}
