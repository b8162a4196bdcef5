/** The agent's log: pino, as JSON or as one readable line each. */
import { type Logger, pino } from 'pino';
import type { Log } from '../lib/log.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;

export interface AgentLog extends Log {
  setLevel(level: string): void;
}

export function createLog(options: { readonly level: string; readonly json: boolean }): AgentLog {
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: pino.stdSerializers.err },
  };
  const logger = options.json
    ? pino(settings)
    : pino(settings, { write: (line: string) => process.stdout.write(readable(line)) });
  return withLevel(logger);
}

function withLevel(logger: Logger): AgentLog {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields) => withLevel(logger.child(fields)),
    setLevel: (level) => {
      logger.level = level;
    },
  };
}

/** "    2026-11-20T16:15:32.461Z [INFO]  node registered: node=54fc21e4 name=vm" */
export function readable(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const name = (pino.levels.labels[level as number] ?? '').toUpperCase();
  const words = Object.entries(fields).map(([key, value]) => `${key}=${wordOf(value)}`);
  return `    ${time} [${name}]${' '.repeat(Math.max(1, 6 - name.length))}${msg}${words.length > 0 ? `: ${words.join(' ')}` : ''}\n`;
}

function wordOf(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"]*$/.test(value) ? value : JSON.stringify(value);
  if (typeof value === 'object' && value !== null && 'message' in value) return JSON.stringify(value.message);
  return JSON.stringify(value);
}
