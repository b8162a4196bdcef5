/** A small Consul agent in memory: registrations, checks with their statuses, maintenance; it may forget, or be away. */
import { SerinError } from '../../lib/errors.ts';
import type {
  ConsulApi,
  ConsulCheck,
  ConsulRegistration,
  ConsulSelf,
  ConsulService,
  ConsulStatus,
} from '../consul/consul-api.ts';

export class FakeConsul implements ConsulApi {
  isAway = false;
  /** Names of services that it does not take. */
  readonly refused = new Set<string>();
  readonly #services = new Map<string, ConsulRegistration>();
  readonly #checks = new Map<string, ConsulCheck>();
  /** Every write, in words. */
  readonly writes: string[] = [];

  async self(): Promise<ConsulSelf> {
    this.#answer();
    return { version: '1.8.7', datacenter: 'dc1', nodeName: 'one', isServer: true };
  }

  async services(): Promise<readonly ConsulService[]> {
    this.#answer();
    return [...this.#services.values()].map(({ Name, Checks: _, ...rest }) => ({ ...rest, Service: Name }));
  }

  async checks(): Promise<readonly ConsulCheck[]> {
    this.#answer();
    return [...this.#checks.values()];
  }

  async register(service: ConsulRegistration): Promise<void> {
    this.#answer(`register ${service.Name} ${service.Checks.map(({ Status }) => Status).join(',')}`.trim());
    if (this.refused.has(service.Name)) throw new SerinError('unavailable', `Consul refuses ${service.Name}`);
    const known = new Map([...this.#checks].filter(([, { ServiceID }]) => ServiceID === service.ID));
    for (const id of known.keys()) if (!id.startsWith(MAINTENANCE)) this.#checks.delete(id);
    this.#services.set(service.ID, service);
    for (const { CheckID, Name, Status } of service.Checks) {
      const { Status: now = Status, Output = '' } = known.get(CheckID) ?? {};
      this.#checks.set(CheckID, { CheckID, Name, Status: now, Output, ServiceID: service.ID });
    }
  }

  async deregister(serviceId: string): Promise<void> {
    this.#answer(`deregister ${this.#services.get(serviceId)?.Name ?? serviceId}`);
    this.#services.delete(serviceId);
    for (const [id, { ServiceID }] of this.#checks) if (ServiceID === serviceId) this.#checks.delete(id);
  }

  async report(checkId: string, Status: ConsulStatus, Output: string): Promise<void> {
    this.#answer(`report ${Status}`);
    const check = this.#checks.get(checkId);
    if (check === undefined) throw new SerinError('unavailable', `Consul knows no check ${checkId}`);
    this.#checks.set(checkId, { ...check, Status, Output });
  }

  async maintain(serviceId: string, isOn: boolean): Promise<void> {
    this.#answer(`maintain ${isOn}`);
    const CheckID = `${MAINTENANCE}${serviceId}`;
    const check = { CheckID, Name: 'maintenance', Status: 'critical', Output: '', ServiceID: serviceId } as const;
    if (isOn) this.#checks.set(CheckID, check);
    else this.#checks.delete(CheckID);
  }

  /** What its own look at every check of that name finds. */
  find(name: string, Status: ConsulStatus, Output = ''): void {
    for (const [id, check] of this.#checks) if (check.Name === name) this.#checks.set(id, { ...check, Status, Output });
  }

  /** As after a start without its data. */
  forget(): void {
    this.#services.clear();
    this.#checks.clear();
  }

  registered(): ConsulRegistration[] {
    return [...this.#services.values()];
  }

  statuses(): string[] {
    return [...this.#checks.values()].map(({ Name, Status }) => `${Name}: ${Status}`);
  }

  #answer(write?: string): void {
    if (this.isAway) throw new SerinError('unavailable', 'Consul at http://consul does not answer: refused');
    if (write !== undefined) this.writes.push(write);
  }
}

const MAINTENANCE = '_service_maintenance:';
