/** The routing table beside the counts of every ingress, small enough to be said every second: pure. */
import type { Backend, IngressFigure, Pool } from '../model/ingress.ts';
import type { BackendPulse, IngressPulse, PoolPulse, VersionPulse } from '../model/ingress-pulse.ts';
import { addTallies, EMPTY_TALLY, tallyOf } from '../model/version-figures.ts';
import { type IngressWords, type StatusFacts, serverStanding } from './ingress-status.ts';
import { backendsOf } from './routing-table.ts';

/** `isWanted`: those backends alone, with their servers. */
export function ingressPulse(
  facts: StatusFacts,
  atMs: number,
  isWanted?: (backend: Pick<Backend, 'ID' | 'Pools'>) => boolean,
): IngressPulse {
  const backends = [...backendsOf(facts.table).values()].filter((backend) => isWanted?.(backend) ?? true);
  return {
    AtMs: atMs,
    Backends: backends
      .sort((a, b) => (a.ID < b.ID ? -1 : 1))
      .map(({ ID, Pools }): BackendPulse => {
        const figures = figuresOf(facts.ingresses, ID);
        return {
          ID,
          Unserved: sumOf(figures.filter(({ Pool }) => Pool === 'none')),
          Pools: Pools.map((pool) => poolPulse(facts, pool, figures, isWanted !== undefined)),
        };
      }),
  };
}

const figuresOf = (ingresses: readonly IngressWords[], backend: string): IngressFigure[] =>
  ingresses.flatMap(({ report }) => report.Figures ?? []).filter(({ Backend }) => Backend === backend);

const sumOf = (figures: readonly IngressFigure[]): number => figures.reduce((sum, { Requests }) => sum + Requests, 0);

function poolPulse(
  facts: StatusFacts,
  { Name, Group, Weight, Servers }: Pool,
  figures: readonly IngressFigure[],
  withServers: boolean,
): PoolPulse {
  const own = figures.filter(({ Pool }) => Pool === Name);
  return {
    Name,
    ...(Group !== undefined && { Group }),
    Weight,
    Versions: versionsOf(own),
    ...(withServers && {
      Servers: Servers.map((server) => {
        const { AllocID, Version, State, Weight, InFlight } = serverStanding(facts, server);
        return { AllocID, Version, State, Weight, InFlight };
      }),
    }),
  };
}

function versionsOf(figures: readonly IngressFigure[]): VersionPulse[] {
  const versions = [...new Set(figures.map(({ Version }) => Version))].sort((a, b) => a - b);
  return versions.map((Version) => {
    const own = figures.filter((figure) => figure.Version === Version);
    const { requests, errors, bytesIn, bytesOut, latency } = own.map(tallyOf).reduce(addTallies, EMPTY_TALLY);
    return {
      Version,
      Requests: requests,
      Errors: errors,
      InFlight: own.reduce((sum, { InFlight }) => sum + InFlight, 0),
      BytesIn: bytesIn,
      BytesOut: bytesOut,
      Latency: [...latency],
    };
  });
}
