/** Keeps the node known to the server: registers, then says at least twice within each TTL that it is alive. */
import { backoffMs } from '../lib/backoff.ts';
import { type Clock, sleep } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Random } from '../lib/random.ts';
import type { Node } from '../model/node.ts';
import { Conditions } from './conditions.ts';
import type { HeartbeatAnswer, ServerConnection } from './server-connection.ts';

export interface RegistrationOptions {
  readonly nodeId: string;
  readonly connection: ServerConnection;
  /** Looks at the machine anew. */
  readonly describe: () => Promise<Node>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export const RETRY = { firstMs: 50, maxMs: 1_000 };

/** More than a slow answer explains. */
const CLOCKS_DIFFER_MS = 5_000;

export class Registration {
  readonly #options: RegistrationOptions;
  readonly #conditions = new Conditions();
  #registered = false;
  #clocksDiffer = false;
  #renewed = new AbortController();

  constructor(options: RegistrationOptions) {
    this.#options = options;
  }

  /** Resolves when a server knows the node, or when the signal aborts. */
  async made(signal: AbortSignal): Promise<void> {
    await this.#conditions.until(() => this.#registered, this.#options.clock, Number.POSITIVE_INFINITY, signal);
  }

  /** The node is not what it was: the server is told now. */
  renew(): void {
    this.#registered = false;
    this.#renewed.abort();
  }

  async run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      try {
        const ttlMs = await this.#sayAlive(signal);
        if (failures > 0) this.#options.log.info({ failures }, 'a server answers again');
        failures = 0;
        await sleep(this.#options.clock, ttlMs / 2, AbortSignal.any([signal, this.#renewed.signal]));
      } catch (error) {
        if (signal.aborted) return;
        if (failures === 0) this.#options.log.warn({ error: messageOf(error) }, 'no server answers; tasks run on');
        await sleep(this.#options.clock, backoffMs(failures++, RETRY, this.#options.random), signal);
      }
    }
  }

  /** Answers within what time the server must hear of the node again. */
  async #sayAlive(signal: AbortSignal): Promise<number> {
    const { connection, nodeId } = this.#options;
    if (this.#registered) {
      const answer = await connection.heartbeat(nodeId, signal);
      this.#compareClocks(answer);
      if (answer.Known) return answer.HeartbeatTTLMs;
    }
    this.#renewed = new AbortController();
    const answer = await connection.register(await this.#options.describe(), signal);
    this.#compareClocks(answer);
    this.#registered = !this.#renewed.signal.aborted;
    this.#conditions.look();
    return answer.HeartbeatTTLMs;
  }

  /** Times of tasks are this machine's, deadlines the server's: who compares them must know that they differ. */
  #compareClocks({ NowMs }: HeartbeatAnswer): void {
    const aheadMs = NowMs === undefined ? 0 : this.#options.clock.nowMs() - NowMs;
    const differs = Math.abs(aheadMs) > CLOCKS_DIFFER_MS;
    if (differs === this.#clocksDiffer) return;
    this.#clocksDiffer = differs;
    const seconds = Math.round(Math.abs(aheadMs) / 1000);
    const way = aheadMs > 0 ? 'ahead of' : 'behind';
    if (differs) this.#options.log.warn({}, `this machine's clock is ${seconds} s ${way} the server's; set it right`);
    else this.#options.log.info({}, "this machine's clock agrees with the server's again");
  }
}
