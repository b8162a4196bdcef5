/** Structured logs: a fixed message, the data in fields. `pino` satisfies it; tests pass `silentLog`. */

type LogMethod = (fields: object, message: string) => void;

export interface Log {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  child(fields: object): Log;
}

const nothing: LogMethod = () => {};

export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => silentLog };
