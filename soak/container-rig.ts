/**
 * An agent beside a real Docker engine: both in a network of their own, where containers have a bridge and published
 * ports, with relays to what a test asks there.
 */
import { LiveAgent } from '../src/agent/testing/live-agent.ts';
import { buildProgram, type Program } from '../src/agent/testing/program.ts';
import { startTestEngine, type TestEngine } from '../src/drivers/testing/docker-engine.ts';
import { importNodeImage } from '../src/drivers/testing/docker-images.ts';
import { startRelay } from './relay.ts';

export interface ContainerRig {
  readonly agent: LiveAgent;
  readonly program: Program;
  /** Where Marathon's API is. */
  readonly marathon: string;
  readonly engine: TestEngine;
  /** A port for an ingress there, reached from here. */
  openPort(): Promise<number>;
  close(): Promise<void>;
}

/** `files`: of the image that has Node.js in it. */
export async function startContainerRig(files: Readonly<Record<string, string>> = {}): Promise<ContainerRig> {
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const each of closers.splice(0).reverse()) await each();
  };
  try {
    const [engine, program] = await Promise.all([startTestEngine(), buildProgram()]);
    closers.push(engine.close, program.remove);
    await importNodeImage(engine, files);
    const inside = ['/usr/bin/nsenter', '-t', String(engine.pid), '-n'];
    const relay = await startRelay(inside);
    closers.push(relay.close);
    const env = { DOCKER_HOST: `unix://${engine.socketPath}` };
    const [port, marathonPort] = [await relay.open(), await relay.open()];
    const flags = ['-marathon', '-marathon-port', String(marathonPort)];
    const agent = await LiveAgent.start(program, { inside, env, port, flags });
    closers.push(() => agent.cleanUp());
    const marathon = `http://127.0.0.1:${marathonPort}`;
    return { agent, program, marathon, engine, openPort: relay.open, close };
  } catch (error) {
    await close();
    throw error;
  }
}
