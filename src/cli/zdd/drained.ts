/**
 * Which tasks a load balancer has drained, from its statistics: in every row of theirs nothing is queued or in flight, and
 * nothing new comes. A task is known by its host and any of its ports, not by the place of a port among others.
 */
import type { MarathonTaskView } from '../../api/marathon-views.ts';
import { createTransport } from '../../api/node-transport.ts';
import { UsageError } from '../command.ts';
import { ZddStatus } from './options.ts';

export interface StatsRow {
  readonly proxy: string;
  readonly server: string;
  readonly status: string;
  readonly inFlight: number;
}

export async function readStats(url: string): Promise<readonly StatsRow[]> {
  const address = /^https?:\/\//.test(url) ? url : `http://${url}`;
  const transport = createTransport({ address });
  try {
    const { status, text } = await transport.send({ method: 'GET', path: '/haproxy?stats;csv' });
    if (status !== 200)
      throw new UsageError(`marathon-lb at ${url} answers with status ${status}`, ZddStatus.loadBalancer);
    return parseStats(text);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `No statistics of marathon-lb at ${url}: nobody answers there; see -marathon-lb`,
      ZddStatus.loadBalancer,
    );
  } finally {
    transport.close();
  }
}

export function parseStats(csv: string): readonly StatsRow[] {
  const [head = '', ...lines] = csv.split('\n').filter((line) => line.trim() !== '');
  const columns = head.replace(/^#\s*/, '').split(',');
  const at = (name: string) => columns.indexOf(name);
  return lines.map((line) => {
    const cells = line.split(',');
    const text = (name: string) => cells[at(name)] ?? '';
    return {
      proxy: text('pxname'),
      server: text('svname'),
      status: text('status'),
      inFlight: Number(text('qcur') || 0) + Number(text('scur') || 0),
    };
  });
}

/** `group`: the backends are called `<group>_<port>`. */
export function drainedOf(
  tasks: readonly MarathonTaskView[],
  rows: readonly StatsRow[],
  group: string,
): readonly MarathonTaskView[] {
  const own = rows.filter(({ proxy }) => proxy.startsWith(`${group}_`) && /^\d+$/.test(proxy.slice(group.length + 1)));
  return tasks.filter((task) => {
    const its = own.filter(({ server }) => namesOf(task).includes(server));
    return its.length > 0 && its.every(({ status, inFlight }) => status === 'MAINT' && inFlight === 0);
  });
}

/** "host_ip_port", or "host_port" where the host is an address. */
function namesOf({ host, ports, ipAddresses }: MarathonTaskView): string[] {
  const addresses = Array.isArray(ipAddresses) ? (ipAddresses as { ipAddress?: string }[]) : [];
  const hosts = [host, ...addresses.map(({ ipAddress }) => `${host}_${ipAddress ?? ''}`)];
  return (Array.isArray(ports) ? (ports as number[]) : []).flatMap((port) =>
    hosts.map((each) => `${each}_${port}`.replaceAll(/[^A-Za-z0-9-]/g, '_')),
  );
}
