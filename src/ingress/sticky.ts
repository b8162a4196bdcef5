/**
 * The cookie of a sticky client: its name, and how it names an instance. The same from every ingress and data plane, so
 * that a client who changes between them stays where it was; it tells nobody anything about the cluster.
 */
import { createHash } from 'node:crypto';
import { type BackendServer, serverKey } from '../model/ingress.ts';

/** One that no other backend has: cookies know hosts, not ports, and several services may share a host. */
export const defaultStickyCookie = (backendId: string): string => `serin_${digest(backendId).slice(0, 8)}`;

export const stickyValue = ({ AllocID, Port }: Pick<BackendServer, 'AllocID' | 'Port'>): string =>
  digest(serverKey(AllocID, Port)).slice(0, 16);

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
