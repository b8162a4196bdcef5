job "shop/web" {
  datacenters = ["*"]

  group "web" {
    network {
      mode = "host"

      port "http" {}
    }

    task "web" {
      driver       = "raw_exec"
      kill_timeout = "1h"

      config {
        command = "/bin/sh"
        args    = ["-c", "a \"b\"\n$${x} ${NOMAD_PORT_http} $$${attr.y}"]
      }

      env = { "a.b" = "%%{c}" }
    }
  }
}
