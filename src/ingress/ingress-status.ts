/** The routing table beside what every ingress says of it: pure. */
import type {
  BackendServer,
  IngressFigure,
  IngressOverride,
  IngressReport,
  Pool,
  RoutingTable,
} from '../model/ingress.ts';
import { serverKey } from '../model/ingress.ts';
import type {
  BackendStanding,
  FrontendStanding,
  IngressStanding,
  IngressStatus,
  PoolStanding,
  ServerStanding,
} from '../model/ingress-status.ts';
import { addTallies, EMPTY_TALLY, tallyOf, type VersionFigures, versionFigures } from '../model/version-figures.ts';
import { backendsOf } from './routing-table.ts';

export interface IngressWords {
  readonly report: IngressReport;
  readonly isPresent: boolean;
}

export interface StatusFacts {
  readonly table: RoutingTable;
  readonly ingresses: readonly IngressWords[];
  readonly overrideOf: (allocId: string) => IngressOverride | undefined;
}

export function ingressStatus(facts: StatusFacts): IngressStatus {
  const backends = [...backendsOf(facts.table).values()].sort((a, b) => (a.ID < b.ID ? -1 : 1));
  return {
    Ingresses: facts.ingresses.map(standing),
    Frontends: frontends(facts.table),
    Backends: backends.map(
      ({ ID, Pools }): BackendStanding => ({ ID, Pools: Pools.map((pool) => poolStanding(facts, ID, pool)) }),
    ),
  };
}

const standing = ({ report, isPresent }: IngressWords): IngressStanding => ({
  ID: report.ID,
  Name: report.Name,
  DataPlane: report.DataPlane,
  IsPresent: isPresent,
  AppliedIndex: report.AppliedIndex,
  Problems: report.Problems ?? [],
});

function frontends({ Frontends }: RoutingTable): FrontendStanding[] {
  return Frontends.flatMap(({ Listen, Mode, TLS, Routes }) =>
    Routes.map(({ Host, Path, Backend }) => ({ Listen, Mode, ...(TLS && { TLS }), Host, Path, Backend: Backend.ID })),
  );
}

/** Canary pools of several groups share their figures: they are told apart by version there. */
function poolStanding(facts: StatusFacts, backend: string, { Name, Group, Weight, Servers }: Pool): PoolStanding {
  const figures = facts.ingresses
    .flatMap(({ report }) => report.Figures ?? [])
    .filter((figure) => figure.Backend === backend && figure.Pool === Name);
  const sum = (field: 'Requests' | 'Errors' | 'InFlight') =>
    figures.reduce((total, figure: IngressFigure) => total + figure[field], 0);
  return {
    Name,
    ...(Group !== undefined && { Group }),
    Weight,
    Requests: sum('Requests'),
    Errors: sum('Errors'),
    InFlight: sum('InFlight'),
    Versions: versionsOf(figures),
    Servers: Servers.map((server) => serverStanding(facts, server)),
  };
}

function versionsOf(figures: readonly IngressFigure[]): VersionFigures[] {
  const versions = [...new Set(figures.map(({ Version }) => Version))].sort((a, b) => a - b);
  return versions.map((version) => {
    const own = figures.filter(({ Version }) => Version === version);
    const tally = own.map(tallyOf).reduce(addTallies, EMPTY_TALLY);
    return versionFigures(
      version,
      tally,
      own.reduce((sum, { InFlight }) => sum + InFlight, 0),
    );
  });
}

/** From the most to the least reassuring. */
const ORDER = ['ready', 'drained', 'draining', 'unhealthy'] as const;

export function serverStanding({ ingresses, overrideOf }: StatusFacts, server: BackendServer): ServerStanding {
  const { AllocID, Address, Port, Version, Weight = 100 } = server;
  const words = ingresses
    .filter(({ isPresent }) => isPresent)
    .flatMap(({ report }) => report.Servers[serverKey(AllocID, Port)] ?? []);
  const worst = Math.max(-1, ...words.map(({ State }) => ORDER.indexOf(State)));
  const counted = words.flatMap(({ Requests }) => Requests ?? []);
  const Override = overrideOf(AllocID);
  return {
    AllocID,
    Address,
    Port,
    Version,
    State: ORDER[worst] ?? 'unknown',
    Weight,
    InFlight: words.reduce((sum, { InFlight }) => sum + InFlight, 0),
    ...(counted.length > 0 && { Requests: counted.reduce((sum, requests) => sum + requests, 0) }),
    ...(Override && { Override }),
  };
}
