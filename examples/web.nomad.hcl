# Six instances of a small HTTP server behind one port. Run it, then update it under load:
#
#   serin run examples/web.nomad.hcl
#   serin plan -var version=v2 examples/web.nomad.hcl
#   serin run -var version=v2 examples/web.nomad.hcl

variable "version" {
  type        = string
  default     = "v1"
  description = "What the server answers; another value is another version."
}

variable "listen" {
  type        = number
  default     = 8080
  description = "The port on which the ingress takes requests."
}

job "web" {
  datacenters = ["dc1"]
  type        = "service"

  update {
    max_parallel      = 2
    min_healthy_time  = "1s"
    healthy_deadline  = "30s"
    progress_deadline = "1m"
  }

  group "app" {
    count = 6

    network {
      port "http" {}
    }

    service {
      name = "web"
      port = "http"

      ingress {
        listen = var.listen
      }

      check {
        type     = "http"
        path     = "/healthz"
        interval = "2s"
        timeout  = "1s"
      }
    }

    task "server" {
      driver = "raw_exec"

      config {
        command = "node"
        args = ["-e", <<-JS
          const http = require('node:http');
          const { VERSION, NOMAD_PORT_http, NOMAD_ALLOC_INDEX } = process.env;
          const body = 'hello from ' + VERSION + ', instance ' + NOMAD_ALLOC_INDEX + '\n';
          const server = http.createServer((request, response) => {
            response.setHeader('x-version', VERSION);
            response.end(request.url === '/healthz' ? 'ok\n' : body);
          });
          server.keepAliveTimeout = 60000;
          server.listen(Number(NOMAD_PORT_http), '127.0.0.1');
        JS
        ]
      }

      env {
        VERSION = var.version
      }

      resources {
        cpu    = 100
        memory = 64
      }
    }
  }
}
