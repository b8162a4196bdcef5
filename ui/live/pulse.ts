/**
 * The beat of a service's traffic: shares, rates and latencies per version over the last minutes, made of the counts that
 * `/v1/ingress/pulse` says whenever they change.
 */
import { useEffect, useState } from 'react';
import type { BackendPulse, IngressPulse } from '../../src/model/ingress-pulse.ts';
import { client } from '../client/client.ts';
import { jsonLines } from '../client/json-lines.ts';
import { type Beat, beatsAfter } from './beats.ts';

export interface Pulse {
  /** When it was said, by the server's clock; undefined: nothing was said yet. */
  readonly atMs: number | undefined;
  /** As it was said last; undefined: nothing was said yet. */
  readonly backends: readonly BackendPulse[] | undefined;
  /** Oldest first. */
  readonly beats: readonly Beat[];
}

const NOTHING: Pulse = { atMs: undefined, backends: undefined, beats: [] };
const RETRY_MS = 1_000;

/** Of one job, or of all services. */
export function usePulse(job?: string): Pulse {
  const [pulse, setPulse] = useState(NOTHING);
  useEffect(() => {
    const leaving = new AbortController();
    setPulse(NOTHING);
    void follow(job, leaving.signal, ({ AtMs, Backends }) =>
      setPulse(({ beats }) => ({ atMs: AtMs, backends: Backends, beats: beatsAfter(beats, AtMs, Backends) })),
    );
    return () => leaving.abort();
  }, [job]);
  return pulse;
}

async function follow(job: string | undefined, signal: AbortSignal, tell: (pulse: IngressPulse) => void) {
  while (!signal.aborted) {
    try {
      const body = await client.requester.stream('/v1/ingress/pulse', { job }, signal);
      for await (const line of jsonLines<Partial<IngressPulse>>(body)) {
        if (line.AtMs !== undefined && line.Backends) tell({ AtMs: line.AtMs, Backends: line.Backends });
      }
    } catch {
      // The shell says that the agent is gone.
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
