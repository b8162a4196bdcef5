/** Job files for whole-program tests: small HTTP servers as in examples/web.nomad.hcl, polite, rude and broken ones. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the server does beyond answering. */
export const Behaviour = {
  plain: '',
  exitsAtOnce: `for (const each of ['SIGINT', 'SIGTERM']) process.on(each, () => process.exit(0));`,
  ignoresSignals: `for (const each of ['SIGINT', 'SIGTERM']) process.on(each, () => {});`,
} as const;

export interface WebGroup {
  readonly name?: string;
  readonly count: number;
  /** What it answers with; another one is a destructive update. */
  readonly version: string;
  readonly behaviour?: (typeof Behaviour)[keyof typeof Behaviour];
  /** A folder: all but the first two instances of a version are well once its gate there is open. */
  readonly gate?: string;
  /** Its health check fails. */
  readonly unhealthy?: boolean;
  readonly staticPort?: number;
  readonly killTimeout?: string;
  /** "raw_exec" when left out. */
  readonly driver?: 'raw_exec' | 'exec' | 'docker';
  /** With Node.js in its PATH, for docker. */
  readonly image?: string;
}

export interface WebJob {
  readonly id: string;
  /** The port of the ingress. */
  readonly listen: number;
  readonly groups: readonly WebGroup[];
  /** The lines of the update block. */
  readonly update?: Readonly<Record<string, string | number | boolean>>;
}

const UPDATE = { max_parallel: 2, min_healthy_time: '200ms', healthy_deadline: '2m', progress_deadline: '4m' };

export function webJob({ id, listen, groups, update = {} }: WebJob): string {
  return `job "${id}" {
  datacenters = ["dc1"]

  update {
${fields({ ...UPDATE, ...update }, '    ')}
  }
${groups.map((group) => webGroup(group, listen)).join('')}}
`;
}

function webGroup(group: WebGroup, listen: number): string {
  const {
    name = 'app',
    count,
    version,
    behaviour = Behaviour.plain,
    unhealthy = false,
    gate,
    staticPort,
    killTimeout,
    driver = 'raw_exec',
    image,
  } = group;
  return `
  group "${name}" {
    count = ${count}

    network {
      port "http" {${staticPort === undefined ? '' : `\n        static = ${staticPort}\n      `}}
    }

    restart {
      attempts = 2
      delay    = "100ms"
      interval = "30s"
      mode     = "fail"
    }

    reschedule {
      delay          = "5s"
      delay_function = "constant"
      unlimited      = true
    }

    service {
      name = "web"
      port = "http"

      ingress {
        listen = ${listen}
      }

      check {
        type     = "http"
        path     = "${unhealthy ? '/unwell' : '/healthz'}"
        interval = "1s"
        timeout  = "1s"
      }
    }

    task "server" {
      driver = "${driver}"
${killTimeout === undefined ? '' : `      kill_timeout = "${killTimeout}"\n`}
      config {${image === undefined ? '' : `\n        image = "${image}"\n        ports = ["http"]`}
        command = "node"
        args = ["-e", <<-JS
          const http = require('node:http');
          const { VERSION, NOMAD_PORT_http, NOMAD_ALLOC_ID } = process.env;
          // Another one for each life of an instance.
          const life = NOMAD_ALLOC_ID + '.' + Date.now();
          ${behaviour}${gate === undefined ? '' : behindGate(gate)}
          const server = http.createServer((request, response) => {
            const { pathname, searchParams } = new URL(request.url, 'http://web');
            response.setHeader('x-version', VERSION);
            response.setHeader('x-life', life);
            if (pathname === '/unwell'${gate === undefined ? '' : ` || (pathname === '/healthz' && !isWell())`}) response.statusCode = 503;
            const waitMs = pathname === '/slow' ? Number(searchParams.get('ms')) : 0;
            setTimeout(() => response.end(VERSION + ' ' + process.pid), waitMs);
          });
          server.keepAliveTimeout = 60000;
          server.listen(Number(NOMAD_PORT_http), '${image === undefined ? '127.0.0.1' : '0.0.0.0'}');
        JS
        ]
      }

      env {
        VERSION = "${version}"
      }

      resources {
        cpu    = 20
        memory = ${driver === 'raw_exec' ? 32 : 64}
      }
    }
  }
`;
}

/** A test that looks at a deployment in the middle decides itself when it goes on. */
export const openGate = (gate: string, version: string): void => writeFileSync(join(gate, `${version}.open`), '');

const behindGate = (gate: string): string => `
          const { existsSync, writeFileSync } = require('node:fs');
          const isMine = (name) => {
            try {
              writeFileSync('${gate}/' + VERSION + name, '', { flag: 'wx' });
              return true;
            } catch {
              return false;
            }
          };
          const isFirst = isMine('.first') || isMine('.second');
          const isWell = () => isFirst || existsSync('${gate}/' + VERSION + '.open');`;

function fields(block: Readonly<Record<string, string | number | boolean>>, indent: string): string {
  return Object.entries(block)
    .map(([name, value]) => `${indent}${name} = ${JSON.stringify(value)}`)
    .join('\n');
}
