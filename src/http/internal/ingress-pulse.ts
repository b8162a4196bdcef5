/** Ours: /v1/ingress/pulse: the shares and counts of services as lines of JSON, one at its beginning and at each change. */
import { ingressPulse } from '../../ingress/ingress-pulse.ts';
import { sleep } from '../../lib/clock.ts';
import type { Backend } from '../../model/ingress.ts';
import type { ReadTx } from '../../state/types.ts';
import { stream } from '../answer.ts';
import type { HttpDeps } from '../deps.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { Call, Route } from '../route.ts';
import { ingressFacts } from './ingress-facts.ts';
import { NOTHING_SAID, saidAfter } from './said-again.ts';
import { steadyTable } from './steady-table.ts';

/** Ingresses report about as often. */
const EVERY_MS = 500;
const HEARTBEAT_MS = 10_000;

type PulseDeps = Pick<HttpDeps, 'state' | 'traffic' | 'clock' | 'planIngressTable'>;

export function ingressPulseRoutes(deps: PulseDeps): readonly Route[] {
  const tableAt = steadyTable(deps.planIngressTable);
  const pulse = (job: string) =>
    deps.state.view((tx) =>
      ingressPulse(
        ingressFacts(tx, deps, tableAt(tx)),
        deps.clock.nowMs(),
        job === '' ? undefined : servesJob(tx, job),
      ),
    );
  const lines = async function* ({ query, signal }: Call): AsyncGenerator<string> {
    const job = query.text('job') ?? '';
    let said = NOTHING_SAID;
    while (!signal.aborted) {
      const { AtMs, Backends } = pulse(job);
      const text = JSON.stringify(Backends);
      const next = saidAfter(said, text, AtMs);
      if (next !== said) yield `{"AtMs":${AtMs},"Backends":${text}}\n`;
      said = next;
      await sleep(deps.clock, EVERY_MS, signal);
    }
  };
  return [
    {
      path: '/v1/ingress/pulse',
      streams: true,
      GET: (call) => stream(withSignsOfLife(lines(call), deps.clock), 'application/json'),
    },
  ];
}

async function* withSignsOfLife(lines: AsyncIterable<string>, clock: HttpDeps['clock']): AsyncGenerator<string> {
  for await (const line of withHeartbeat(lines, clock, HEARTBEAT_MS)) yield line ?? '{}\n';
}

/** Its own backend, or one that it shares with the others of its deployment group. */
const servesJob =
  (tx: ReadTx, job: string) =>
  ({ ID, Pools }: Pick<Backend, 'ID' | 'Pools'>): boolean =>
    ID.split('/').slice(1, -1).join('/') === job ||
    Pools.some(({ Servers }) => Servers.some(({ AllocID }) => tx.alloc(AllocID)?.JobID === job));
