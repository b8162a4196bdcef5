/** One allocation's part in Consul: what is registered of it while it runs, and how its checks are made there. */
import type { Clock } from '../../lib/clock.ts';
import { msFromNanos } from '../../lib/duration.ts';
import type { Service, ServiceCheck } from '../../model/service.ts';
import { failed, type Probe } from '../check-probe.ts';
import type { CheckState } from '../check-state.ts';
import type { ConsulChecks } from '../check-supervisor.ts';
import { consulProbe, NO_CONSUL } from './consul-checks.ts';
import { checkIdOf, type RegistrationFacts, statusOf, wantedServices } from './consul-registrations.ts';
import { isMadeHere, usesConsul } from './consul-rules.ts';
import type { ConsulSync } from './consul-sync.ts';

export interface AllocConsulOptions {
  /** undefined: this node has none. */
  readonly sync: ConsulSync | undefined;
  readonly nodeId: () => string;
  readonly allocId: string;
  readonly clock: Clock;
}

export type ServicesNow = Omit<RegistrationFacts, 'nodeId' | 'allocId' | 'usesConsul'>;

/** A Consul that does not answer keeps no instance from stopping for longer. */
const LEAVES_WITHIN_MS = 3_000;

export class AllocConsul implements ConsulChecks {
  readonly #options: AllocConsulOptions;

  constructor(options: AllocConsulOptions) {
    this.#options = options;
  }

  uses = (service: Service): boolean => usesConsul(service, this.#options.sync !== undefined);

  /** Where there is none, that is what every check has to say. */
  makes = (service: Service, check: ServiceCheck): boolean =>
    this.uses(service) && (!isMadeHere(check) || this.#options.sync === undefined);

  probe = (key: string, check: ServiceCheck, state: CheckState): Probe => {
    const { sync, clock } = this.#options;
    const intervalMs = msFromNanos(check.Interval);
    if (sync === undefined) return noConsulProbe();
    return consulProbe({ sync, checkId: this.#checkId(key), intervalMs, status: state.status, clock });
  };

  report = (key: string, state: CheckState): void => {
    this.#options.sync?.report(this.#checkId(key), statusOf(state), state.output);
  };

  /** `services` is asked only where somebody wants to know. */
  follow(services: () => ServicesNow, isServing: boolean): void {
    const { sync, nodeId, allocId } = this.#options;
    if (sync === undefined) return;
    const wanted = isServing ? wantedServices({ ...services(), nodeId: nodeId(), allocId, usesConsul: this.uses }) : [];
    sync.want(allocId, wanted);
  }

  /** Resolves when nobody is sent here by Consul any more, or it has had its time to say so. */
  async left(signal: AbortSignal): Promise<void> {
    const { sync, allocId, clock } = this.#options;
    await sync?.gone(allocId, clock.nowMs() + LEAVES_WITHIN_MS, signal);
  }

  #checkId(key: string): string {
    return checkIdOf(this.#options.nodeId(), this.#options.allocId, key);
  }
}

/** Says so once, and then waits for the end: nothing will change. */
function noConsulProbe(): Probe {
  let isSaid = false;
  return async (signal) => {
    if (isSaid && !signal.aborted) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    }
    isSaid = true;
    return failed(NO_CONSUL);
  };
}
