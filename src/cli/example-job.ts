/** The job file that `job init` writes: needs Node.js and nothing else, answers on port 8080. */

export const EXAMPLE_JOB = `# A job is what should run. Submit this one with: serin job run example.nomad.hcl
# Then open http://127.0.0.1:8080, change MESSAGE below, and run it again: no request fails meanwhile.
job "example" {
  datacenters = ["dc1"]
  type        = "service"

  # How a new version replaces the old one.
  update {
    # So many instances at a time.
    max_parallel = 1
    # A new instance counts once its check has passed for so long.
    min_healthy_time = "2s"
    # One that is not healthy by then has failed.
    healthy_deadline = "1m"
    # Without progress for so long, the deployment has failed.
    progress_deadline = "2m"
  }

  # The tasks of a group run side by side on one node; count is how many such instances there are.
  group "web" {
    count = 3

    network {
      # A free port of the node, one for each instance: NOMAD_PORT_http.
      port "http" {}
    }

    service {
      name = "example"
      port = "http"

      # Only an instance whose check passes gets traffic.
      check {
        type     = "http"
        path     = "/health"
        interval = "2s"
        timeout  = "1s"
      }

      # Where users reach the service. Requests go to healthy instances; one that leaves is drained first.
      ingress {
        listen = 8080
      }
    }

    task "server" {
      # Runs a command as it is, without isolation.
      driver = "raw_exec"

      config {
        command = "node"
        args    = ["-e", <<-EOF
          const { createServer } = require('node:http');
          const server = createServer((request, response) => {
            response.end(request.url === '/health' ? 'ok' : process.env.MESSAGE + ', from instance ' + process.env.NOMAD_ALLOC_INDEX);
          });
          server.listen(Number(process.env.NOMAD_PORT_http), '127.0.0.1');
          process.on('SIGTERM', () => server.close(() => process.exit(0)));
        EOF
        ]
      }

      env {
        MESSAGE = "Hello"
      }

      # After the signal, so long until it is killed.
      kill_timeout = "10s"
      kill_signal  = "SIGTERM"

      resources {
        cpu    = 50
        memory = 64
      }
    }
  }
}
`;
