/**
 * The job files of the users' documents on rolling upgrades and on blue/green and canary updates, with `driver =
 * "docker"` as they stand there. Added are what the documents leave out ("# …"): a port, a service with a check and its
 * ingress, resources; instances prove themselves for less than the documents' 30 seconds; and `healthy_deadline` lies before
 * the default `progress_deadline`, which is as long as the document's, and Nomad 1.1.2 refuses that.
 */

/** Where an image of these keeps its server. */
export const SERVER_FILE = 'server.js';

export const SERVER = `
const { VERSION, NOMAD_PORT_http } = process.env;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
const server = require('node:http').createServer((request, response) => {
  const { searchParams } = new URL(request.url, 'http://server');
  response.setHeader('x-version', VERSION);
  setTimeout(() => response.end(VERSION), Number(searchParams.get('ms') ?? 0));
});
server.keepAliveTimeout = 60000;
server.listen(Number(NOMAD_PORT_http));
`;

export const geoJob = (listen: number, tag: string): string => `job "geo-api-server" {
  datacenters = ["dc1"]

  group "api-server" {
    count = 6

    # Add an update stanza to enable rolling updates of the service
    update {
      max_parallel = 2
      min_healthy_time = "200ms"
      healthy_deadline = "10m"
      progress_deadline = "0"

      # Enable automatically reverting to the last stable job on a failed
      # deployment.
      auto_revert = true
    }
${traffic('geo', listen)}
    task "server" {
      driver = "docker"

      config {
        image = "geo-api-server:${tag}"
        ports = ["http"]
      }
${RESOURCES}
    }
  }
}
`;

export const docsJob = (listen: number, tag: string, canary: number): string => `job "docs" {
  datacenters = ["dc1"]

  group "api" {
    count = 5

    update {
      max_parallel     = 1
      canary           = ${canary}
      min_healthy_time = "200ms"
      healthy_deadline = "9m"
      auto_revert      = true
    }
${traffic('docs', listen)}
    task "api-server" {
      driver = "docker"

      config {
        image = "api-server:${tag}"
        ports = ["http"]
      }
${RESOURCES}
    }
  }
}
`;

const RESOURCES = `
      resources {
        cpu    = 20
        memory = 64
      }`;

const traffic = (name: string, listen: number): string => `
    network {
      port "http" {
        to = 8080
      }
    }

    restart {
      attempts = 0
      mode     = "fail"
    }

    service {
      name = "${name}"
      port = "http"

      ingress {
        listen = ${listen}
      }

      check {
        type     = "http"
        path     = "/"
        interval = "1s"
        timeout  = "2s"
      }
    }
`;
