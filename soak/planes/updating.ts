/**
 * Law: updates of a service under load fail no request, whoever of those that decide is killed; and where those that
 * carry are killed or frozen, only what was theirs fails. `npm test` runs a sample, the soak the whole.
 */

import { until } from '../../src/agent/testing/until.ts';
import { messageOf } from '../../src/lib/errors.ts';
import type { Random } from '../../src/lib/random.ts';
import type { Step } from '../steps-run.ts';
import type { Clients } from './clients.ts';
import { Disturbance, type Disturbed, disturb, sufferingOf } from './disturbances.ts';
import { describeFailure, Explanation, explain, type Failure, type Outage } from './failures.ts';
import type { PlaneRig } from './rig.ts';
import { kindOf, type UpdatedService, type UpdateKind } from './updates.ts';

export interface UpdatingOptions {
  readonly rig: PlaneRig;
  readonly service: UpdatedService;
  readonly clients: Clients;
  readonly random: Random;
  /** The number of the first update, from 1. */
  readonly from: number;
  readonly updates: number;
  readonly disturbance: (number: number, kind: UpdateKind) => Disturbance;
  /** Called after each update; false ends the run. */
  readonly onUpdate?: (update: UpdateUnderLoad) => boolean;
}

export interface UpdateUnderLoad extends Step {
  readonly kind: UpdateKind;
  readonly disturbance: Disturbance;
  readonly tookMs: number;
  /** How long nobody listened, or nobody answered when it was told to go on. */
  readonly awayMs?: number;
  readonly bareMs?: number;
  /** Instances that stopped while the data plane was away. */
  readonly stopped: number;
  /** Answers through the other ingress meanwhile. */
  readonly answeredElsewhere: number;
  /** Failed requests of a data plane that was killed or frozen. */
  readonly openThere: number;
  readonly nobodyListened: number;
}

export async function updateOn(options: UpdatingOptions): Promise<UpdateUnderLoad[]> {
  const done: UpdateUnderLoad[] = [];
  const outages: Outage[] = [];
  for (let number = options.from; number <= options.updates; number++) {
    const update = await updateOnce(options, number, outages);
    done.push(update);
    if (options.onUpdate?.(update) === false) break;
  }
  return done;
}

/** Failures that came after the last update, in words. */
export const lateFailures = (clients: Clients): string[] => clients.takeFailures().map((each) => describeFailure(each));

async function updateOnce(options: UpdatingOptions, number: number, outages: Outage[]): Promise<UpdateUnderLoad> {
  const { rig, service, clients, random } = options;
  const kind = kindOf(number);
  const disturbance = options.disturbance(number, kind);
  const ingress = rig.ingresses[sufferingOf(number, kind)]!;
  const startedMs = performance.now();
  let disturbed: Promise<Disturbed> = Promise.resolve({ problems: [] });
  const begin = (): void => {
    const at = outages.length;
    const onOutage = (outage: Outage): void => {
      outages[at] = outage;
    };
    disturbed = disturb(disturbance, { rig, ingress, clients, random, onOutage });
    // It is waited for below.
    disturbed.catch(() => {});
  };
  const wrong: string[] = [];
  // What shall not know of the update is frozen before it.
  const isFirst = disturbance === Disturbance.frozenLong;
  const known = outages.length;
  if (isFirst) begin();
  if (isFirst) await until('it is frozen', () => outages.length > known);
  await service.update(number, isFirst ? () => {} : begin).catch((error: unknown) => wrong.push(messageOf(error)));
  const tookMs = performance.now() - startedMs;
  const {
    awayMs,
    bareMs,
    stopped = 0,
    answeredElsewhere = 0,
    problems,
  } = await disturbed.catch((error: unknown): Disturbed => ({ problems: [messageOf(error)] }));
  const judged = judge(clients.takeFailures(), outages);
  const all = [...wrong, ...problems, ...judged.lost.map((each) => describeFailure(each, outages.at(-1)))];
  const { openThere, nobodyListened } = judged;
  return {
    number,
    kind,
    disturbance,
    tookMs,
    ...(awayMs !== undefined && { awayMs }),
    ...(bareMs !== undefined && { bareMs }),
    stopped,
    answeredElsewhere,
    openThere,
    nobodyListened,
    problems: all.map((each) => `update ${number} (${kind}, ${disturbance}): ${each}`),
  };
}

function judge(failures: readonly Failure[], outages: readonly Outage[]) {
  const lost: Failure[] = [];
  const counts = { [Explanation.openThere]: 0, [Explanation.nobodyListened]: 0 };
  for (const failure of failures) {
    const explanation = explain(failure, outages);
    if (explanation === undefined) lost.push(failure);
    else counts[explanation]++;
  }
  return { lost, openThere: counts[Explanation.openThere], nobodyListened: counts[Explanation.nobodyListened] };
}
