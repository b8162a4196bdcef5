/**
 * Which servers nothing can be sent to any more. HAProxy chooses a server and counts the request in one turn of one
 * thread, while another thread takes the server out: so a figure counts only some milliseconds after that.
 */
import { NOT_SEEN, type ServerSight } from './server-statuses.ts';

const SETTLES_IN_MS = 4;

export class Settling {
  /** Since when each server is at rest, as far as is known. */
  #sinceMs = new Map<string, number>();
  #settled = new Set<string>();

  get settled(): ReadonlySet<string> {
    return this.#settled;
  }

  /** `askedMs`: when HAProxy was asked for what was seen. */
  observe(sights: ReadonlyMap<string, ServerSight>, keys: readonly string[], askedMs: number): void {
    const sinceMs = new Map<string, number>();
    for (const key of keys) {
      if (!sights.has(key)) sinceMs.set(key, Number.NEGATIVE_INFINITY);
      else if (sights.get(key)!.isAtRest) sinceMs.set(key, this.#sinceMs.get(key) ?? askedMs);
    }
    this.#sinceMs = sinceMs;
    const isSettled = (key: string) => askedMs - (sinceMs.get(key) ?? askedMs) >= SETTLES_IN_MS;
    this.#settled = new Set(keys.filter((key) => isSettled(key) && (sights.get(key) ?? NOT_SEEN).inFlight === 0));
  }
}
