/** What of a job is Consul's affair. Pure. */
import type { Service, ServiceCheck } from '../../model/service.ts';

/** `provider = "consul"`; one that names none is Consul's where the node has one, as job files have always meant it. */
export const usesConsul = ({ Provider }: Pick<Service, 'Provider'>, hasConsul: boolean): boolean =>
  Provider === 'consul' || (Provider === undefined && hasConsul);

/** Consul runs no scripts for us, and takes 2xx alone for success: it is told what these found. */
export const isMadeHere = ({ Type, SuccessCodes }: Pick<ServiceCheck, 'Type' | 'SuccessCodes'>): boolean =>
  Type === 'script' || SuccessCodes !== undefined;
