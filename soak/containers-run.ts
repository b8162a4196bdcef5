/** Updates of containers under load, the agent killed in every one: 20 with docker, 20 with exec. */
import { seededRandom } from '../src/lib/random.ts';
import { type ContainerRig, startContainerRig } from './container-rig.ts';
import { CONTAINER_COUNT, CONTAINER_UPDATE, type ContainerDriver, containerService } from './container-services.ts';
import { percentile } from './percentile.ts';
import { type RolledUpdate, rollOn, startRolling } from './rolling.ts';
import type { SoakContext, SoakRun } from './run.ts';
import { FAILED_WORDS, LOAD_WORDS, NO_STEPS, type StepsProgress, stepsUnderLoad } from './steps-run.ts';

const UPDATES_EACH = 20;
const DRIVERS: readonly ContainerDriver[] = ['docker', 'exec'];

type Progress = StepsProgress<RolledUpdate>;

export const containersRun: SoakRun<Progress> = {
  name: 'containers',
  title: `the agent killed in ${UPDATES_EACH} updates of docker containers and ${UPDATES_EACH} of exec containers`,
  total: UPDATES_EACH * DRIVERS.length,
  unit: 'updates',
  setting: [
    `A service of ${CONTAINER_COUNT} instances (\`max_parallel = ${CONTAINER_UPDATE.max_parallel}\`, \`min_healthy_time = "${CONTAINER_UPDATE.min_healthy_time}"\`, an HTTP check) behind one port of the embedded data plane: first as containers of a Docker engine with published ports of its bridge, then as containers of exec. Agent and engine are in a network of their own, and requests reach it through a relay.`,
    LOAD_WORDS,
    'The agent (server, node and supervisor of the ingress in one process) is ended with SIGKILL at a random moment of each update, and started again after up to half a second.',
    'After each update: exactly the instances of the new version were placed and live, each was started once and never restarted, so many containers run, and behind the port answers one life of each instance and nobody else.',
    `Failed: ${FAILED_WORDS}.`,
  ],
  start: NO_STEPS,
  run,
  figures({ steps, requests, failed, failures }) {
    return [
      ['updates, each with a killed agent', `${steps.length}`],
      ['instances lost, doubled or restarted', `${steps.flatMap((each) => each.problems).length}`],
      ['requests', `${requests}`],
      ['failed', `${failed}`],
      ['all that went wrong', `${failures.length}`],
      ...DRIVERS.map((driver): [string, string] => [
        `${driver}: an update, submission to nothing old alive, p50 / longest`,
        spread(steps.filter((each) => driverOf(each.number) === driver)),
      ]),
    ];
  },
};

const driverOf = (number: number): ContainerDriver => DRIVERS[Math.floor((number - 1) / UPDATES_EACH)] ?? 'exec';

const spread = (steps: readonly RolledUpdate[]): string =>
  [0.5, 1]
    .map((share) =>
      percentile(
        steps.map((each) => each.tookMs),
        share,
      ),
    )
    .map((ms) => `${(ms / 1000).toFixed(2)} s`)
    .join(' / ');

async function run(context: SoakContext<Progress>): Promise<Progress> {
  const rig = await startContainerRig();
  try {
    let progress = context.before;
    while (progress.done < containersRun.total && !context.signal.aborted) {
      progress = await withDriver(rig, driverOf(progress.done + 1), { ...context, before: progress });
    }
    return progress;
  } finally {
    await rig.close();
  }
}

/** Goes on to the last update with this driver. */
async function withDriver(
  rig: ContainerRig,
  driver: ContainerDriver,
  context: SoakContext<Progress>,
): Promise<Progress> {
  const { agent } = rig;
  const listen = await rig.openPort();
  const service = containerService(rig, { drivers: [driver], listen });
  const from = context.before.done + 1;
  const updates = UPDATES_EACH * (DRIVERS.indexOf(driver) + 1);
  await startRolling(agent, listen, from, service);
  const options = { service, agent, listen, from, updates, kills: updates, random: seededRandom(`soak ${from}`) };
  const take = (onUpdate: (update: RolledUpdate) => boolean) => rollOn({ ...options, onUpdate });
  const progress = await stepsUnderLoad(context, { listen, take });
  await agent.succeed('stop', '-purge', '-detach', service.job);
  return progress;
}
