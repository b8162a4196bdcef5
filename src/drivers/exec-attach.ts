/** A command inside the container of a task of exec, through the OCI runtime, which hands a terminal on. */
import { rmSync, writeFileSync } from 'node:fs';
import type { Clock } from '../lib/clock.ts';
import { attachLocal, refusedCommand } from './attached-command.ts';
import type { AttachedCommand, AttachRequest } from './driver.ts';
import { EXEC_MARKER } from './exec-keeper.ts';
import { execEnv, findInside } from './exec-place.ts';
import { ownBinds } from './exec-root.ts';
import { execArguments, type OciRuntime } from './oci-runtime.ts';

export interface ContainerPlace {
  readonly runtime: OciRuntime;
  readonly container: string;
  /** The driver's own folder; what begins with the container's id goes with it. */
  readonly stateDir: string;
  /** The agent's PATH. */
  readonly path: string;
  readonly clock: Clock;
  /** The process as the runtime reads it. */
  readonly processSpec: (request: AttachRequest) => object;
}

export async function attachInside(
  place: ContainerPlace,
  request: AttachRequest,
  signal: AbortSignal,
): Promise<AttachedCommand> {
  const command = programOf(request);
  const { id, tty } = request;
  if (command === undefined) {
    return refusedCommand(127, `${request.command}: command not found, as the task sees its file system`, tty);
  }
  const file = `${place.stateDir}/${place.container}.attach-${id}`;
  const [pidFile, forget] = [`${file}.pid`, () => forgetFiles(file)];
  // The keeper finds what runs inside by it.
  const env = { TERM: TERMINAL, ...request.env, [EXEC_MARKER]: id };
  writeFileSync(file, JSON.stringify(place.processSpec({ ...request, command, env })), { mode: 0o600 });
  const argv = [place.runtime.program, ...execArguments(place.runtime, place.container, file, pidFile)];
  try {
    const local = { id, argv: argv as [string, ...string[]], env: {}, cwd: place.stateDir, tty, path: place.path };
    const attached = await attachLocal({ ...local, inner: { pidFile, clock: place.clock } }, signal);
    void attached.exited.then(forget);
    return attached;
  } catch (error) {
    forget();
    throw error;
  }
}

const TERMINAL = 'xterm';

function programOf({ command, env, taskDir, allocDir }: AttachRequest): string | undefined {
  try {
    return findInside(command, execEnv(env), ownBinds({ taskDir, allocDir }));
  } catch {
    return undefined;
  }
}

function forgetFiles(file: string): void {
  for (const each of [file, `${file}.pid`]) rmSync(each, { force: true });
}
