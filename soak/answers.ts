/**
 * Which version answered when, request by request: what a flip of the traffic is judged by. Times are those of one
 * clock, milliseconds; a request began before it was sent, and ended after its answer was there.
 */
import { performance } from 'node:perf_hooks';
import type { LoadResponse } from '../bench/load-connection.ts';

export interface Answer {
  readonly version: string;
  readonly beganMs: number;
  readonly endedMs: number;
}

export class Answers {
  readonly #all: Answer[] = [];

  /** To be given to the traffic as it is. */
  readonly onResponse = ({ version, latencyMs, endedMs }: LoadResponse): void => {
    this.#all.push({ version, beganMs: endedMs - latencyMs, endedMs });
  };

  /** The time of this clock. */
  now(): number {
    return performance.now();
  }

  /** Of this version, to requests that began at this time or later; in the order in which they came. */
  of(version: string, sinceMs = 0): Answer[] {
    return this.#all.filter((each) => each.version === version && each.beganMs >= sinceMs);
  }

  /** How long after this time an answer of the version still came; 0 where none did. */
  lingeredMs(version: string, sinceMs: number): number {
    const last = this.#all.findLast((each) => each.version === version && each.endedMs >= sinceMs);
    return last === undefined ? 0 : last.endedMs - sinceMs;
  }

  /**
   * Once the first answer of the new version is there, the flip is applied: what the old one still answers to requests
   * that began later. Empty when the flip was one step.
   */
  strays(from: string, to: string, sinceMs: number): Answer[] {
    const first = this.#all.find((each) => each.version === to && each.beganMs >= sinceMs);
    return first === undefined ? [] : this.of(from, first.endedMs);
  }

  /** Of strays: how long after the first answer of the new version they began, and how long they took. */
  describe(strays: readonly Answer[], to: string, sinceMs: number): string {
    const first = this.#all.find((each) => each.version === to && each.beganMs >= sinceMs)?.endedMs ?? 0;
    const each = strays.map(
      ({ beganMs, endedMs }) => `${(beganMs - first).toFixed(1)} (${(endedMs - beganMs).toFixed(1)})`,
    );
    return `they began after so many ms (and took): ${each.slice(0, 10).join(', ')}`;
  }

  forget(): void {
    this.#all.length = 0;
  }
}
