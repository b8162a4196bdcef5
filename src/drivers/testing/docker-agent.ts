/** The entry of a process that tests kill: it starts a task or takes it up, and copies its output until it dies. */
import { systemClock } from '../../lib/clock.ts';
import { newUuid } from '../../lib/ids.ts';
import { silentLog } from '../../lib/log.ts';
import { DockerDriver } from '../docker.ts';
import type { DockerPluginConfig } from '../docker-plugin-config.ts';
import type { TaskConfig } from '../driver.ts';

export interface DockerAgentParts {
  readonly stateDir: string;
  readonly plugin: DockerPluginConfig;
  readonly task: TaskConfig;
}

const [, , command, json = ''] = process.argv;
const { task, ...options } = JSON.parse(json) as DockerAgentParts;
const driver = new DockerDriver({ ...options, clock: systemClock, newId: newUuid, log: silentLog });
const handle = command === 'start' ? await driver.start(task) : await driver.recover(task.id, undefined);
if (handle !== undefined) await driver.wait(handle, new AbortController().signal);
