job "rich/one" {
  name        = "rich"
  region      = "eu"
  namespace   = "shop"
  priority    = 70
  all_at_once = true
  datacenters = ["a", "b"]
  constraint {
    attribute = "${attr.kernel.name}"
    regexp    = "^l\\d+\"$"
  }
  constraint {
    distinct_hosts = true
  }
  constraint {
    distinct_property = "${meta.rack}"
    value             = "2"
  }
  affinity {
    attribute = "${node.class}"
    value     = "big"
    weight    = -50
  }
  spread {
    attribute = "${node.datacenter}"
    weight    = 20
    target "a" { percent = 70 }
    target "b" { percent = 30 }
  }
  update {
    stagger          = "45s"
    max_parallel     = 2
    progress_deadline = "0s"
    max_surge        = "25%"
    canary_weight    = 12.5
  }
  meta = { "a.b" = "c", for = "d" }
  group "g" {
    count          = 0
    shutdown_delay = "1m30s"
    network {
      mode = "bridge"
      port "http" { to = -1 }
      port "admin" { static = 9000 }
      port "more" {}
      dns { servers = ["1.1.1.1"] }
    }
    scaling {
      min     = 1
      max     = 5
      enabled = false
      policy {
        cooldown = "1m"
        check "load" {
          query = "avg"
        }
      }
    }
    volume "data" {
      type   = "host"
      source = "disk"
      mount_options { fs_type = "ext4" }
    }
    restart { attempts = 0 }
    service {
      name = "web"
      port = "http"
      tags = ["a=1", "%%{x}", "$${x}", "$$${y}"]
      ingress { listen = 80 }
      ingress {
        listen          = 443
        host            = "a.example"
        tls             = true
        request_timeout = "1500ms"
      }
      check {
        type     = "http"
        path     = "/"
        interval = "10s"
        timeout  = "250ms"
        header {
          Accept = ["a", "b"]
          X      = "y"
        }
        check_restart { limit = 3 }
      }
      connect {
        sidecar_service {
          tags = ["x"]
          proxy {
            local_service_port = 80
            upstreams { destination_name = "db" }
            config { key = "v" }
          }
        }
      }
    }
    task "t" {
      driver       = "docker"
      kill_timeout = "3s"
      leader       = true
      config {
        image = "x"
        args  = ["-c", "a\n\tb \\ \"c\" ${NOMAD_PORT_http} ${NOMAD_META_x}"]
        port_map { http = 80 }
        logging "json" { labels = { "a b" = [1, null, true] } }
      }
      env {
        A = "1"
        B = "${NOMAD_ADDR_http}"
      }
      resources {
        cpu    = 100
        memory = 64
        device "gpu" { count = 2 }
      }
      artifact {
        source = "http://x"
        options { checksum = "md5:1" }
      }
      template {
        data        = <<EOT
{{ key "a" }}
  b
EOT
        destination = "local/x"
      }
      vault { policies = ["p"] }
      scaling "cpu" {
        max = 5
        policy { x = 1 }
      }
      volume_mount {
        volume      = "data"
        destination = "/data"
      }
      lifecycle { hook = "prestart" }
    }
  }
}
