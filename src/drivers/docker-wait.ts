/**
 * Waits for a container through the engine. The engine answers with its headers at once and with the body when the
 * container has ended; the library's own call never settles when the connection breaks between the two.
 */
import type { Engine } from './docker-engine.ts';

/** Resolves when the container may have ended, rejects when the connection breaks or the signal aborts. */
export async function untilNotRunning(
  engine: Engine,
  container: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const answer = await dial(engine.modem as Modem, {
    path: `/containers/${container}/wait?`,
    options: { condition: 'not-running' },
    method: 'POST',
    isStream: true,
    ...(signal && { abortSignal: signal }),
    statusCodes: { 200: true, 400: 'bad parameter', 404: 'no such container', 500: 'server error' },
  });
  for await (const _part of answer);
}

interface Modem {
  dial(options: object, done: (error: unknown, answer: AsyncIterable<Buffer>) => void): void;
}

const dial = (modem: Modem, options: object): Promise<AsyncIterable<Buffer>> =>
  new Promise((resolve, reject) => {
    modem.dial(options, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
