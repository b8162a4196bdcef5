/** An agent that dies, with docker. */
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import { DockerDriver } from '../docker.ts';
import type { DockerPluginConfig } from '../docker-plugin-config.ts';
import { startWhenTold } from './start-when-told.ts';

startWhenTold(
  (spec: { readonly stateDir: string; readonly plugin: DockerPluginConfig }) =>
    new DockerDriver({ ...spec, clock: systemClock, newId: randomUUID, log: silentLog }),
);
