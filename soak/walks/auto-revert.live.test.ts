/**
 * The second half of the users' document on rolling upgrades, walked through the real command line: an image that does
 * not exist, the way back by itself, and what the history says of it.
 *
 * It was written for Nomad 0.6; where 1.1.2 does something else, this holds to 1.1.2: a failed instance
 * is tried again until `progress_deadline` (10 minutes), and then the deployment "Failed due to progress deadline"; the
 * document's words, at the first failure, come with `progress_deadline = "0"`.
 */
import { expect, it } from 'vitest';
import { updated } from '../../src/agent/testing/job-watch.ts';
import { liveBench } from '../live-bench.ts';
import { steadyText } from '../screen.ts';
import { deploymentRows } from './walk.ts';

const bench = liveBench();

it('a bad image: the deployment fails, the last stable version comes back as a new one', async () => {
  const { agent } = bench;
  const submit = (image: string) => agent.succeed('run', '-detach', agent.file(geoJob(image)));
  await submit('geo-api-server:0.1');
  await updated(agent, 'geo-api-server', 0);
  await submit('geo-api-server:0.2');
  await updated(agent, 'geo-api-server', 1);
  await submit('geo-api-server:0.33');
  await updated(agent, 'geo-api-server', 3);

  expect(await deploymentRows(agent, 'geo-api-server')).toEqual([
    ['3', 'successful', 'Deployment completed successfully'],
    ['2', 'failed', 'Failed due to unhealthy allocations - rolling back to job version 1'],
    ['1', 'successful', 'Deployment completed successfully'],
    ['0', 'successful', 'Deployment completed successfully'],
  ]);
  const history = steadyText(await agent.succeed('job', 'history', '-p', 'geo-api-server'));
  expect(history.split('\n').map((line) => line.trimEnd())).toEqual([
    ...version(3, true, '0.33', '0.2'),
    ...version(2, false, '0.2', '0.33'),
    ...version(1, true, '0.1', '0.2'),
    ...head(0, true),
    '',
  ]);
});

const head = (version: number, isStable: boolean): string[] => [
  `Version     = ${version}`,
  `Stable      = ${isStable}`,
  'Submit Date = TIME',
];

const version = (version: number, isStable: boolean, before: string, after: string): string[] => [
  ...head(version, isStable),
  'Diff        =',
  '+/- Job: "geo-api-server"',
  '+/- Task Group: "api-server"',
  '  +/- Task: "server"',
  '    +/- Config {',
  '          args[0]: "-c"',
  '          args[1]: "case $0 in *:0.33) exit 1;; esac; exec sleep 1000"',
  `      +/- args[2]: "geo-api-server:${before}" => "geo-api-server:${after}"`,
  '          command: "sh"',
  '        }',
  '',
];

/** Version 0.33 is the one that does not exist. */
const geoJob = (image: string): string => `job "geo-api-server" {
  datacenters = ["dc1"]

  group "api-server" {
    count = 6

    update {
      max_parallel      = 2
      min_healthy_time  = "300ms"
      healthy_deadline  = "10s"
      progress_deadline = "0"
      auto_revert       = true
    }

    restart {
      attempts = 0
      mode     = "fail"
    }

    task "server" {
      driver = "raw_exec"

      config {
        command = "sh"
        args    = ["-c", "case $0 in *:0.33) exit 1;; esac; exec sleep 1000", "${image}"]
      }

      resources {
        cpu    = 20
        memory = 16
      }
    }
  }
}
`;
