/**
 * The job of the users' document on blue/green and canary updates: five API servers of version 1.3. What runs is
 * `raw_exec` where the document has Docker, so the image is an argument; and instances prove themselves for a second.
 */

export interface DocsJob {
  /** "api-server:1.3" */
  readonly image: string;
  /** As many as there are instances make a blue/green update. */
  readonly canary: number;
  readonly minHealthyTime?: string;
}

export const docsJob = ({ image, canary, minHealthyTime = '1s' }: DocsJob): string => `job "docs" {
  datacenters = ["dc1"]

  group "api" {
    count = 5

    update {
      max_parallel     = 1
      canary           = ${canary}
      min_healthy_time = "${minHealthyTime}"
      healthy_deadline = "20s"
      auto_revert      = true
    }

    task "api-server" {
      driver = "raw_exec"

      config {
        command = "sh"
        args    = ["-c", "exec sleep 1000", "${image}"]
      }

      resources {
        cpu    = 20
        memory = 16
      }
    }
  }
}
`;
