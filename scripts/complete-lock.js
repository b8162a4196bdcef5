// npm writes into the lock file only those platform packages that the registry at hand carries, and `npm ci` then
// refuses a lock file that lacks the others. This adds them by name and version, as an optional package of a platform
// that is not this one. Run it through `npm run lock` after a dependency has changed.
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = new URL('../package-lock.json', import.meta.url);
const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];
const LIBRARIES = { gnu: 'glibc', musl: 'musl' };

const lock = JSON.parse(readFileSync(FILE, 'utf8'));
const packages = lock.packages;
for (const [path, parent] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const isThere = packages[`node_modules/${name}`] ?? packages[`${path}/node_modules/${name}`];
    if (!isThere) packages[`node_modules/${name}`] = platformPackage(name, version, parent.dev);
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);

function platformPackage(name, version, dev) {
  const words = name.split(/[-/]/);
  const [system, processor] = [SYSTEMS, PROCESSORS].map((known) => words.find((word) => known.includes(word)));
  const library = words.map((word) => LIBRARIES[word]).find(Boolean);
  return {
    version,
    ...(processor && { cpu: [processor] }),
    ...(dev && { dev }),
    ...(library && { libc: [library] }),
    optional: true,
    ...(system && { os: [system] }),
  };
}
