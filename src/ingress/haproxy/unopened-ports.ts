/** Ports of the table that HAProxy has not open: which of them others hold, and what is said of each. */
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Frontend } from '../../model/ingress.ts';
import { portProblem } from './port-probe.ts';

export interface UnopenedPortsOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly bindAddress: string;
  /** What keeps a port with TLS shut. */
  readonly certificateProblem: (port: number) => string | undefined;
}

const TRY_EVERY_MS = 500;

export class UnopenedPorts {
  readonly #options: UnopenedPortsOptions;
  readonly #closed = new Set<number>();
  readonly #complaints = new Map<number, string>();
  #triedMs = 0;

  constructor(options: UnopenedPortsOptions) {
    this.#options = options;
  }

  /** Those that HAProxy is not told to open. */
  get closed(): ReadonlySet<number> {
    return this.#closed;
  }

  /** Said of a port until it is seen open. */
  complaintOf(port: number): string | undefined {
    return this.#complaints.get(port);
  }

  opened(ports: ReadonlySet<number>): void {
    for (const port of ports) this.#complaints.delete(port);
  }

  /** New ones at once; those that others hold are tried again now and then. */
  try(frontends: readonly Frontend[], open: ReadonlySet<number>): void {
    const nowMs = this.#options.clock.nowMs();
    const isTime = nowMs - this.#triedMs >= TRY_EVERY_MS;
    const unopened = frontends.filter(({ Listen }) => !open.has(Listen));
    this.#forgetOthers(new Set(unopened.map(({ Listen }) => Listen)));
    for (const frontend of unopened) if (isTime || !this.#closed.has(frontend.Listen)) this.#judge(frontend);
    if (isTime) this.#triedMs = nowMs;
  }

  #forgetOthers(unopened: ReadonlySet<number>): void {
    for (const port of this.#closed) if (!unopened.has(port)) this.#closed.delete(port);
  }

  #judge({ Listen: port, TLS }: Frontend): void {
    const { certificateProblem, bindAddress } = this.#options;
    const problem = (TLS && certificateProblem(port)) || portProblem(port, bindAddress);
    if (problem === undefined) this.#closed.delete(port);
    else this.#close(port, problem);
  }

  #close(port: number, problem: string): void {
    if (!this.#closed.has(port)) this.#options.log.error({ port, problem }, 'ingress cannot listen, trying again');
    this.#closed.add(port);
    this.#complaints.set(port, problem);
  }
}
