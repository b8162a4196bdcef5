/** Runs something that cannot be asked to stop, and stops it after a quarter of a second. */
import { createContext, Script } from 'node:vm';

const LIMIT_MS = 250;

let script: Script | undefined;

export function withinTime<Result>(run: () => Result, onTimeout: () => Result): Result {
  script ??= new Script('run()');
  try {
    return script.runInContext(createContext({ run }), { timeout: LIMIT_MS }) as Result;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return onTimeout();
    throw error;
  }
}
