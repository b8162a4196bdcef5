/** A module of its own, so that the library is loaded only on nodes with an engine. */
import Docker from 'dockerode';
import type { Engine } from './docker-engine.ts';

export const connectEngine = (socketPath: string): Engine => new Docker({ socketPath });
