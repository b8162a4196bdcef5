import { describe, expect, it } from 'vitest';
import { hasHaproxy } from '../../src/ingress/haproxy/live-rig.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { type Clients, startClients } from './clients.ts';
import { Disturbance } from './disturbances.ts';
import { ClientKind } from './failures.ts';
import { Plane, type PlaneRig, startPlaneRig } from './rig.ts';
import { UPDATE_KINDS, UpdatedService, type UpdateKind } from './updates.ts';
import { lateFailures, type UpdateUnderLoad, updateOn } from './updating.ts';

/** The sample; `npm run soak -- --only traffic` does 3,000 for each data plane. */
const UPDATES = UPDATE_KINDS.length;
const OF_HAPROXY = 3;

/** No new connection is made for the sample alone: what it finds is what the soak would. */
async function sample(
  plane: Plane,
  updates: number,
  disturbance: (number: number, kind: UpdateKind) => Disturbance,
): Promise<{ done: UpdateUnderLoad[]; problems: string[]; clients: Clients }> {
  let rig: PlaneRig | undefined;
  try {
    rig = await startPlaneRig(plane);
    const service = new UpdatedService(rig);
    await service.start(0);
    const clients = startClients(rig);
    const options = { rig, service, clients, random: seededRandom(String(Date.now())), from: 1, updates, disturbance };
    const done = await updateOn(options).finally(() => clients.stop());
    return { done, problems: [...done.flatMap((each) => each.problems), ...lateFailures(clients)], clients };
  } finally {
    await rig?.close();
  }
}

const PATIENCE_MS = 240_000;

it(
  `${UPDATES} updates, one of each kind, fail no request of five kinds of clients; of a data plane that is killed only its own`,
  async () => {
    // The server is killed in the second, the data plane in the third, frozen in the fourth.
    const disturbances = [Disturbance.none, Disturbance.server, Disturbance.killed, Disturbance.frozen];
    const { done, problems, clients } = await sample(
      Plane.embedded,
      UPDATES,
      (n) => disturbances[n - 1] ?? Disturbance.none,
    );
    expect(problems).toEqual([]);
    expect(done.map((each) => each.kind)).toEqual(UPDATE_KINDS);
    // The harness sees what fails.
    expect(done[2]!.openThere).toBeGreaterThan(0);
    const { answers } = clients.figures();
    for (const kind of Object.values(ClientKind)) expect(answers[kind], kind).toBeGreaterThan(0);
  },
  PATIENCE_MS,
);

describe.skipIf(!hasHaproxy())('with HAProxy', () => {
  it(
    `${OF_HAPROXY} updates fail no request, HAProxy reloaded in one and its steering process killed in another`,
    async () => {
      const disturbances = [Disturbance.none, Disturbance.reload, Disturbance.steering];
      const { problems } = await sample(Plane.haproxy, OF_HAPROXY, (n) => disturbances[n - 1]!);
      expect(problems).toEqual([]);
    },
    PATIENCE_MS,
  );
});
