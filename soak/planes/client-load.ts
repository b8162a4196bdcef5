/** What every kind of client tells, and how it is ended. */
import type { ClientKind, Failure } from './failures.ts';

export interface ClientWatch {
  /** `host`: of the ingress that it came through. */
  onAnswer(kind: ClientKind, version: string, host: string): void;
  onFailure(failure: Failure): void;
  /** A stream of HTTP/2 was refused before anything was done with it; it is sent again. */
  onRefused(): void;
}

/** The ingress that a client's connection goes to: it knows all of them, and takes the next one each time. */
export type HostOf = (client: number, opening: number) => string;

export const inTurn =
  (hosts: readonly string[]): HostOf =>
  (client, opening) =>
    hosts[(client + opening) % hosts.length]!;

export interface ClientLoad {
  /** Waits for what is under way. */
  stop(): Promise<unknown>;
}
