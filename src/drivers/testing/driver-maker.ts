/** The drivers that run programs of this machine, as an agent would make them; for tests, in this process or another. */
import { systemClock } from '../../lib/clock.ts';
import { ExecDriver } from '../exec.ts';
import { RawExecDriver } from '../raw-exec.ts';

export interface DriverSpec {
  readonly kind: 'raw_exec' | 'exec';
  readonly stateDir: string;
  readonly cgroupName: string;
  /** Of exec. */
  readonly runtime: string;
}

export type MadeDriver = RawExecDriver | ExecDriver;

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export function makeDriver({ kind, stateDir, cgroupName, runtime }: DriverSpec): MadeDriver {
  const common = { stateDir, cgroupName, clock: systemClock, path: PATH };
  return kind === 'exec' ? new ExecDriver({ ...common, runtime, allowCaps: [] }) : new RawExecDriver(common);
}
