/**
 * What marathon-lb makes of Marathon's answers, for tests: of ours, written after the description of what it needs. It asks
 * as the record of its requests has it (`testdata/marathon/requests/marathon-lb.json`), and a key that it needs and does
 * not find is an error here, as it is there.
 */
import { readFileSync } from 'node:fs';

interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

const RECORD = new URL('../../../testdata/marathon/requests/marathon-lb.json', import.meta.url);

/** "shop_web_10000" → "127_0_0_1_31001": "127.0.0.1:31001". */
export type LbBackends = Readonly<Record<string, Readonly<Record<string, string>>>>;

export class MarathonLbReader {
  readonly #url: string;
  readonly #requests: readonly Recorded[] = JSON.parse(readFileSync(RECORD, 'utf8'));
  readonly #stopped = new AbortController();
  /** Names of events, as they came. */
  readonly events: string[] = [];
  #reading: Promise<void> = Promise.resolve();

  constructor(url: string) {
    this.#url = url;
  }

  /** Reads the stream of events from now on. */
  async listen(): Promise<void> {
    const stream = await this.#ask('/v2/events');
    this.#reading = this.#readEvents(stream).catch(() => {});
  }

  async backends(): Promise<LbBackends> {
    const answer = await this.#ask('/v2/apps');
    return backendsOf((await answer.json()) as { apps: object[] });
  }

  stop(): Promise<void> {
    this.#stopped.abort();
    return this.#reading;
  }

  async #ask(path: string): Promise<Response> {
    const request = this.#requests.find((each) => each.path.startsWith(path))!;
    const { connection: _, ...headers } = request.headers;
    const answer = await fetch(this.#url + request.path, {
      method: request.method,
      headers,
      signal: this.#stopped.signal,
    });
    if (answer.status !== 200) throw new Error(`${request.path}: ${answer.status}`);
    return answer;
  }

  async #readEvents({ body }: Response): Promise<void> {
    let text = '';
    for await (const chunk of body!) {
      text += Buffer.from(chunk).toString();
      const frames = text.split('\r\n\r\n');
      text = frames.pop()!;
      for (const frame of frames) this.#take(frame);
    }
  }

  /** It goes by what the data says: of a frame without it, it would make nothing. */
  #take(frame: string): void {
    const data = /^data: (.*)$/m.exec(frame)?.[1];
    if (data !== undefined) this.events.push((JSON.parse(data) as { eventType: string }).eventType);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function backendsOf({ apps }: { readonly apps: readonly object[] }): LbBackends {
  const backends: Record<string, Record<string, string>> = {};
  for (const app of apps as Fields[]) {
    const labels = need(app, 'labels') as Record<string, string>;
    if (!labels.HAPROXY_GROUP) continue;
    for (const check of (app.healthChecks ?? []) as Fields[]) for (const key of CHECK_KEYS) need(check, key);
    need(need(app, 'versionInfo') as Fields, 'lastScalingAt');
    const tasks = (need(app, 'tasks') as Fields[]).filter((task) => isServing(app, task));
    for (const [at, port] of servicePorts(app).entries()) {
      const id = labels.HAPROXY_DEPLOYMENT_GROUP ?? String(need(app, 'id')).slice(1);
      const name = `${id.replaceAll('/', '_')}_${labels[`HAPROXY_${at}_PORT`] ?? port}`;
      backends[name] = { ...backends[name], ...Object.fromEntries(tasks.map((task) => serverOf(task, at))) };
    }
  }
  return backends;
}

const CHECK_KEYS = ['protocol', 'gracePeriodSeconds', 'intervalSeconds', 'timeoutSeconds', 'maxConsecutiveFailures'];

/** Host mode: what the definitions of its ports say, else its ports. */
function servicePorts(app: Fields): number[] {
  const definitions = app.portDefinitions as { port: number }[] | undefined;
  return definitions?.map(({ port }) => port) ?? (need(app, 'ports') as number[]);
}

function isServing(app: Fields, task: Fields): boolean {
  if (need(task, 'state') !== 'TASK_RUNNING') return false;
  if (((app.healthChecks ?? []) as unknown[]).length === 0) return true;
  const results = (task.healthCheckResults ?? []) as Fields[];
  return results.map((result) => need(result, 'alive')).includes(true);
}

function serverOf(task: Fields, at: number): [string, string] {
  const address = `${need(task, 'host')}:${(need(task, 'ports') as number[])[at]}`;
  need(task, 'id');
  return [address.replaceAll(/[^A-Za-z0-9-]/g, '_'), address];
}

function need(fields: Fields, key: string): unknown {
  const value = fields[key];
  if (value === undefined || value === null) throw new Error(`no "${key}" in ${JSON.stringify(fields)}`);
  return value;
}
