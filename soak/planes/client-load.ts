/** What every kind of client tells, and how it is ended. */
import type { ClientKind, Failure } from './failures.ts';

export interface ClientWatch {
  onAnswer(kind: ClientKind, version: string): void;
  onFailure(failure: Failure): void;
  /** A stream of HTTP/2 was refused before anything was done with it; it is sent again. */
  onRefused(): void;
}

export interface ClientLoad {
  /** Waits for what is under way. */
  stop(): Promise<unknown>;
}
