/** What every kind of client tells, and how it is ended. */
import type { ClientKind, Failure } from './failures.ts';

export interface ClientWatch {
  onAnswer(kind: ClientKind, version: string): void;
  onFailure(failure: Failure): void;
}

export interface ClientLoad {
  /** Waits for what is under way. */
  stop(): Promise<unknown>;
}
