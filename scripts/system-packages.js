// What live tests need of the system. As root on Debian it is installed; elsewhere the suites that need it are skipped,
// and this says which and why. SERIN_LIVE=required makes a skipped live suite a failure. A program of its own:
// `npm test` runs it beside what needs no system, since it waits for the network most of the time.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { unpackFromOlderRelease, unpackFromOwnRelease } from './older-release.js';

/** Debian package → the file that shows it is there, and the suites that need it. Later issues add engines and browsers. */
const PACKAGES = {
  'util-linux': { file: '/usr/bin/setsid', suites: 'raw_exec' },
  'docker.io': { file: '/usr/sbin/dockerd', suites: 'docker' },
  'docker-registry': { file: '/usr/bin/docker-registry', suites: 'images of a registry' },
  'busybox-static': { file: '/bin/busybox', suites: 'docker' },
  haproxy: { file: '/usr/sbin/haproxy', suites: 'haproxy' },
  podman: { file: '/usr/bin/podman', suites: 'docker on Podman' },
  'containernetworking-plugins': { file: '/usr/lib/cni/bridge', suites: 'docker on Podman' },
  'python3-marathon': { file: '/usr/lib/python3/dist-packages/marathon/client.py', suites: "Marathon's Python client" },
  jq: { file: '/usr/bin/jq', suites: "Marathon's walks" },
  curl: { file: '/usr/bin/curl', suites: "Marathon's walks" },
  chromium: { file: '/usr/bin/chromium', suites: 'the page' },
  runc: { file: '/usr/sbin/runc', suites: 'exec' },
};

/** Where live tests look for what is not installed: see `consul-process.ts` and `prometheus-process.ts`. */
const CONSUL = fileURLToPath(new URL('../node_modules/.cache/serin/consul', import.meta.url));
const PROMETHEUS = fileURLToPath(new URL('../node_modules/.cache/serin/prometheus', import.meta.url));
/** `release`: absent: this machine's own; installed, it would take a port as a service. */
const UNPACKED_PACKAGES = {
  consul: { release: 'bullseye', target: CONSUL, file: `${CONSUL}/usr/bin/consul`, suites: 'consul' },
  prometheus: { target: PROMETHEUS, file: `${PROMETHEUS}/usr/bin/prometheus`, suites: 'Prometheus' },
};

const canInstall = process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

export const liveEnvironment = { SERIN_LIVE: canInstall ? 'required' : 'optional' };

function provide() {
  const missing = absentOf(PACKAGES);
  if (missing.length > 0 && canInstall) install(missing.map(([name]) => name));
  if (canInstall) unpack(absentOf(UNPACKED_PACKAGES));
  for (const [name, { suites }] of [...absentOf(PACKAGES), ...absentOf(UNPACKED_PACKAGES)]) {
    console.log(`skipping live suites of ${suites}: the package ${name} is not installed`);
  }
}

const absentOf = (packages) => Object.entries(packages).filter(([, { file }]) => !existsSync(file));

function unpack(packages) {
  for (const [name, { release, target }] of packages) {
    console.log(`fetching ${name}${release ? ` of ${release}` : ''} …`);
    if (release) unpackFromOlderRelease(name, release, target);
    else unpackFromOwnRelease(name, target);
  }
}

function install(names) {
  console.log(`installing ${names.join(', ')} …`);
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore' });
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) provide();
