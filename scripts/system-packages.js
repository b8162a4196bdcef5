// What live tests need of the system. As root on Debian it is installed; elsewhere the suites that need it are skipped,
// and this says which and why. SERIN_LIVE=required makes a skipped live suite a failure.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Debian package → the file that shows it is there, and the suites that need it. Later issues add engines and browsers. */
const PACKAGES = {
  'util-linux': { file: '/usr/bin/setsid', suites: 'raw_exec' },
  'docker.io': { file: '/usr/sbin/dockerd', suites: 'docker' },
  'docker-registry': { file: '/usr/bin/docker-registry', suites: 'images of a registry' },
  'busybox-static': { file: '/bin/busybox', suites: 'docker' },
  haproxy: { file: '/usr/sbin/haproxy', suites: 'haproxy' },
  runc: { file: '/usr/sbin/runc', suites: 'exec' },
};

export async function systemPackages() {
  const missing = Object.entries(PACKAGES).filter(([, { file }]) => !existsSync(file));
  const canInstall = process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (missing.length > 0 && canInstall) install(missing.map(([name]) => name));
  const absent = Object.entries(PACKAGES).filter(([, { file }]) => !existsSync(file));
  return {
    environment: { SERIN_LIVE: canInstall ? 'required' : 'optional' },
    notes: absent.map(
      ([name, { suites }]) => `skipping live suites of ${suites}: the package ${name} is not installed`,
    ),
  };
}

function install(names) {
  console.log(`installing ${names.join(', ')} …`);
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore' });
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
