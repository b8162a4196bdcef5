/** A job that is new: a small one to begin with. */
import { PageHead } from '../kit/page-head.tsx';
import { JobEditor } from './job-editor.tsx';
import './jobs.css';

export const RunView = () => (
  <>
    <PageHead title="Run a job" />
    <JobEditor jobId={undefined} text={EXAMPLE} />
  </>
);

const EXAMPLE = `job "hello" {
  datacenters = ["*"]

  update {
    max_parallel     = 1
    min_healthy_time = "2s"
  }

  group "web" {
    count = 2

    network {
      port "http" {}
    }

    service {
      name = "hello"
      port = "http"

      ingress {
        listen = 8080
      }

      check {
        type     = "http"
        path     = "/"
        interval = "2s"
        timeout  = "1s"
      }
    }

    task "server" {
      driver = "raw_exec"

      config {
        command = "python3"
        args    = ["-m", "http.server", "\${NOMAD_PORT_http}", "--bind", "127.0.0.1"]
      }

      resources {
        cpu    = 100
        memory = 64
      }
    }
  }
}
`;
