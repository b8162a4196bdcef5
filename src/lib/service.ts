/**
 * Every loop of Serin is a service: `run` resolves only when all its work has ended, and the signal is the only way
 * to stop it. It rejects only for what should bring the agent down.
 */
export interface Service {
  readonly id: string;
  run(signal: AbortSignal): Promise<void>;
}
