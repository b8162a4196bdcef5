// Bundles our own TypeScript and what it imports from the registry into dist/: an agent starts twice as fast as from
// hundreds of files in node_modules (docs/adr/0002-one-bundle.md). Native packages stay where they are installed.
// The web page goes to dist/page/, each file beside its compressed forms.
// Runs by itself after `npm ci` (prepare), and before every npm script when a source is newer than the build.
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const SOURCES = ['src', 'demo', 'bench', 'simulation', 'soak', 'package-lock.json', 'scripts/build.js'];
const ENTRIES = {
  serin: 'src/main.ts',
  ingress: 'src/agent/ingress-main.ts',
  demo: 'demo/demo.ts',
  bench: 'bench/bench.ts',
  simulate: 'simulation/simulate.ts',
  soak: 'soak/soak.ts',
};

/** What the page is made of. */
const PAGE_SOURCES = ['ui', 'src/model', 'src/api', 'src/lib', 'package-lock.json', 'scripts/build.js'];
const PAGE = 'dist/page';

export async function build() {
  removeAllBut(join(root, 'dist'), 'page');
  await bundleInto(join(root, 'dist'), Object.keys(ENTRIES), { sourcemap: true });
  await providePage();
}

/** Some of the entries, by their names. */
export async function bundleInto(dir, entries, options = {}) {
  const { rolldown } = await import('rolldown');
  const input = Object.fromEntries(
    Object.entries(ENTRIES).filter(([name, file]) => entries.includes(name) && existsSync(join(root, file))),
  );
  const bundle = await rolldown({
    cwd: root,
    input,
    platform: 'node',
    external: isExternal,
    logLevel: 'warn',
  });
  await bundle.write({ dir, format: 'esm', ...options });
  await bundle.close();
}

/** The page in dist/page/, of the sources as they are. Resolves with its folder. */
export async function providePage() {
  if (isPageStale()) await buildPage();
  return join(root, PAGE);
}

async function buildPage() {
  const { build: buildWithVite } = await import('vite');
  const { NODE_ENV } = process.env;
  // The same page whoever builds it, a test run too.
  process.env.NODE_ENV = 'production';
  await buildWithVite({ configFile: join(root, 'ui/vite.config.ts'), logLevel: 'warn' });
  if (NODE_ENV === undefined) delete process.env.NODE_ENV;
  else process.env.NODE_ENV = NODE_ENV;
  for (const file of filesBelow(join(root, PAGE))) writeCompressed(file);
}

/** Once, as small as can be, instead of at each request. */
function writeCompressed(file) {
  if (!/\.(html|js|css|svg)$/.test(file)) return;
  const bytes = readFileSync(file);
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
  writeFileSync(`${file}.br`, brotliCompressSync(bytes));
}

function removeAllBut(folder, kept) {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (name !== kept) rmSync(join(folder, name), { recursive: true });
  }
}

const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const EXTERNAL = [
  // With binaries of their own.
  'lmdb',
  'msgpackr',
  '@lydell/node-pty',
  // Asked for by fastify in cases that never come: schemas, requests without a socket.
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
  'light-my-request',
  // Of tests and builds.
  'rolldown',
  'vitest',
  'fast-check',
  'playwright-core',
];

function isExternal(id) {
  return EXTERNAL.some((name) => id === name || id.startsWith(`${name}/`));
}

export function isStale() {
  const built = newest(join(root, 'dist/serin.js'));
  return built === 0 || SOURCES.some((source) => newest(join(root, source)) > built) || isPageStale();
}

function isPageStale() {
  const built = newest(join(root, PAGE, 'index.html'));
  return built === 0 || PAGE_SOURCES.some((source) => newest(join(root, source)) > built);
}

function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(
    0,
    ...readdirSync(path)
      .filter((name) => !name.includes('.test.'))
      .map((name) => newest(join(path, name))),
  );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (process.argv.includes('--if-stale') && !isStale()) process.exit(0);
  await build();
}
