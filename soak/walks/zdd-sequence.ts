/**
 * What zdd.py asks, in its order, for tests: of ours, written after the record of its requests (`testdata/marathon/zdd`)
 * and the description of its loop. It believes nothing but what zdd.py believes: rows by their names, statuses by their
 * exact words, tasks by their hosts and ports.
 */
import { setTimeout as delay } from 'node:timers/promises';

export interface ZddOptions {
  /** "http://127.0.0.1:8080" */
  readonly marathon: string;
  /** "http://127.0.0.1:9090" */
  readonly loadBalancer: string;
  /** The new colour, as zdd.py makes it of the file: one instance, its labels written. */
  readonly app: ZddApp;
  readonly stepMs: number;
  readonly patienceMs: number;
}

export interface ZddApp {
  readonly id: string;
  readonly instances: number;
  readonly labels: Readonly<Record<string, string>>;
}

interface SeenApp extends ZddApp {
  readonly deployments: readonly object[];
  readonly tasks: readonly { readonly id: string; readonly host: string; readonly ports: readonly number[] }[];
}

type Row = Readonly<Record<string, string>>;

/** Each line a request that changed something. */
export async function zddSequence(options: ZddOptions): Promise<string[]> {
  const { marathon, app, patienceMs } = options;
  const group = app.labels.HAPROXY_DEPLOYMENT_GROUP;
  const { apps } = await ask<{ apps: SeenApp[] }>(`${marathon}/v2/apps`);
  const old = apps.find(({ id, labels }) => labels.HAPROXY_DEPLOYMENT_GROUP === group && id !== app.id);
  if (old === undefined) throw new Error(`no app of the group ${group}`);
  const done = [`POST ${app.id}`];
  await ask(`${marathon}/v2/apps`, 'POST', app);
  for (const until = Date.now() + patienceMs; Date.now() < until; ) {
    const isOver = await turn(options, old.id, done);
    if (isOver) return done;
  }
  throw new Error(`not within ${patienceMs} ms; so far: ${done.join(', ')}`);
}

/** One look at both colours, and what follows from it. */
async function turn(options: ZddOptions, oldId: string, done: string[]): Promise<boolean> {
  const { marathon, stepMs, app } = options;
  await delay(stepMs);
  const { app: old } = await ask<{ app: SeenApp }>(`${marathon}/v2/apps${oldId}`);
  const { app: fresh } = await ask<{ app: SeenApp }>(`${marathon}/v2/apps${app.id}`);
  if (fresh.deployments.length > 0) return false;
  const kills = await drainedTasks(options, old, fresh);
  if (kills === undefined) return false;
  const target = Number(app.labels.HAPROXY_DEPLOYMENT_TARGET_INSTANCES);
  if (fresh.instances === target && kills.length === old.instances) {
    done.push(`DELETE ${oldId}`);
    await ask(`${marathon}/v2/apps${oldId}`, 'DELETE');
    return true;
  }
  if (kills.length > 0) {
    done.push(`kill ${kills.length} of ${oldId}`);
    await ask(`${marathon}/v2/tasks/delete?scale=true`, 'POST', { ids: kills });
  }
  const next = fresh.instances + Math.floor((fresh.instances + 1) / 2);
  const instances = next >= old.instances ? target : next;
  if (fresh.instances < target) {
    done.push(`PUT ${app.id} ${instances}`);
    await ask(`${marathon}/v2/apps${app.id}`, 'PUT', { instances });
  }
  return false;
}

/** The tasks of the old colour that nothing is in flight to; undefined: the load balancer is not that far yet. */
async function drainedTasks(options: ZddOptions, old: SeenApp, fresh: SeenApp): Promise<string[] | undefined> {
  const { loadBalancer, app } = options;
  const pids = await (await fetch(`${loadBalancer}/_haproxy_getpids`)).text();
  if (pids.trim().split(/\s+/).length > 1) return undefined;
  const { HAPROXY_DEPLOYMENT_GROUP: group, HAPROXY_0_PORT: port, HAPROXY_DEPLOYMENT_TARGET_INSTANCES } = app.labels;
  const rows = parseStats(await (await fetch(`${loadBalancer}/haproxy?stats;csv`)).text()).filter(
    ({ pxname, svname }) => pxname === `${group}_${port}` && svname !== 'FRONTEND' && svname !== 'BACKEND',
  );
  const drained = rows.filter(({ status, scur, qcur }) => status === 'MAINT' && scur === '0' && qcur === '0');
  const isReady =
    rows.length === fresh.instances + old.instances &&
    rows.filter(({ status }) => status === 'UP').length >= Number(HAPROXY_DEPLOYMENT_TARGET_INSTANCES) &&
    drained.length > 0;
  if (!isReady) return undefined;
  const names = new Set(drained.map(({ svname }) => svname));
  return old.tasks
    .filter(({ host, ports }) => names.has(`${host.replaceAll('.', '_')}_${ports[0]}`))
    .map(({ id }) => id);
}

/** The header loses its "# " and its comma at the end; a row has a field more than it. */
function parseStats(csv: string): Row[] {
  const [head = '', ...lines] = csv.trimEnd().split('\n');
  const names = head.replace(/^# /, '').replace(/,$/, '').split(',');
  return lines.map((line) => {
    const fields = line.split(',');
    if (fields.length !== names.length + 1) throw new Error(`a row of ${fields.length} fields: ${line}`);
    return Object.fromEntries(names.map((name, at) => [name, fields[at]!]));
  });
}

async function ask<T>(url: string, method = 'GET', body?: object): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method, ...(body && { headers, body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
