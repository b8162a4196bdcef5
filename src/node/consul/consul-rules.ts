/** What of a job is Consul's affair. Pure. */
import type { Service, ServiceCheck } from '../../model/service.ts';

/** `provider = "consul"`; one that names none is Consul's where the node has one, as job files have always meant it. */
export const usesConsul = ({ Provider }: Pick<Service, 'Provider'>, hasConsul: boolean): boolean =>
  Provider === 'consul' || (Provider === undefined && hasConsul);

/** Consul runs no scripts for us, takes 2xx alone for success, begins at once and never stops: it is told what these found. */
export const isMadeHere = ({
  Type,
  SuccessCodes,
  Readiness,
  InitialDelay,
  Ignore1xx,
}: Pick<ServiceCheck, 'Type' | 'SuccessCodes' | 'Readiness' | 'InitialDelay' | 'Ignore1xx'>): boolean =>
  [Type === 'script', SuccessCodes, InitialDelay, Ignore1xx, Readiness].some(Boolean);

/** What is made only until it passes has nothing to tell an agent that expects to hear of it again. */
export const isTold = ({ Readiness }: Pick<ServiceCheck, 'Readiness'>): boolean => Readiness !== true;
