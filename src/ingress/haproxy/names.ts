/**
 * What things are called in HAProxy's configuration. A service of the table is several proxies there: a backend for each
 * slot (see slots.ts), one to wait in, one that refuses, and an inner frontend that waiting requests come back in by.
 */
import type { Frontend } from '../../model/ingress.ts';

/** "default/web/web" → "default:web:web". HAProxy allows letters, digits and "-_.:"; all else becomes "_" and its hex. */
export function proxyName(id: string): string {
  return id
    .replace(/_(?=[0-9a-f]{2})/g, '_5f')
    .replace(/[^A-Za-z0-9_./-]/gu, (char) => [...Buffer.from(char)].map((byte) => `_${hex(byte)}`).join(''))
    .replace(/\/(?=\/)/g, '_2f')
    .replaceAll('/', ':');
}

/** A backend that is reached in both modes is two services here: a proxy of HAProxy has one mode. */
export const serviceName = (backendId: string, mode: Frontend['Mode']): string =>
  mode === 'tcp' ? `${proxyName(backendId)}::tcp` : proxyName(backendId);

export const slotName = (service: string, slot: number): string => `${service}::${slot}`;
/** Without a server for ever: whoever is sent there waits. */
export const waitName = (service: string): string => `${service}::wait`;
/** From a worker that a reload has left to the one that came after it: their inner frontend is the same socket. */
export const nextName = (service: string): string => `${service}::next`;
export const holdName = (service: string): string => `${service}::hold`;
export const noneName = (service: string): string => `${service}::none`;
export const frontendName = (listen: number): string => `listen-${listen}`;

/** Not a backend that anybody is sent to: it has the table of turns. */
export const TURNS = 'turns';

/** Nor to this one: it has the table of passwords that were right. */
export const LOGINS = 'logins';

/** The list of those who may come in to a service on a port. */
export const usersName = (service: string, listen: number): string => `${frontendName(listen)}::${service}`;

/** In each slot, the way back to the inner frontend. */
export const HOLD_SERVER = 'hold';

/** The service and the number of a slot's name; undefined for any other proxy. */
export function slotOf(name: string): { readonly service: string; readonly slot: number } | undefined {
  const found = /^(.+)::(\d+)$/.exec(name);
  return found === null ? undefined : { service: found[1]!, slot: Number(found[2]) };
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
