// A package of Debian, unpacked beside the project's own modules and not installed. Of an older release than this
// machine's: lists and cache are its own, so that the machine's package manager never hears of it; the mirror and its key
// are the machine's own. Of this machine's own release: what would start a service where it was installed.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const SOURCES = '/etc/apt';

/** Unpacks the package's files below `target`; answers whether they are there. */
export function unpackFromOlderRelease(name, release, target) {
  const mirror = debianMirror();
  if (mirror === undefined) return false;
  const source = `deb ${mirror.options} ${mirror.uri} ${release} main\n`;
  return unpackInto(target, (work) => fetchInto(work, name, source));
}

/** The same of this machine's own release. */
export function unpackFromOwnRelease(name, target) {
  return unpackInto(target, (work) => {
    if (download(work, name)) return;
    spawnSync('apt-get', ['-qq', 'update'], { stdio: 'ignore' });
    download(work, name);
  });
}

function unpackInto(target, fetch) {
  mkdirSync(dirname(target), { recursive: true });
  const work = mkdtempSync(`${target}.new-`);
  try {
    fetch(work);
    if (!existsSync(join(work, 'files'))) return false;
    rmSync(target, { recursive: true, force: true });
    renameSync(join(work, 'files'), target);
    return true;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function fetchInto(work, name, source) {
  writeFileSync(join(work, 'sources.list'), source);
  for (const folder of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(work, folder), { recursive: true });
  const own = {
    'Dir::Etc::sourcelist': join(work, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': join(work, 'lists'),
    'Dir::Cache': join(work, 'cache'),
    'Acquire::Languages': 'none',
    'APT::Sandbox::User': 'root',
  };
  const options = Object.entries(own).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  spawnSync('apt-get', [...options, '-qq', 'update'], { stdio: 'ignore' });
  download(work, name, options);
}

function download(work, name, options = []) {
  spawnSync('apt-get', [...options, '-qq', 'download', name], { cwd: work, stdio: 'ignore' });
  const archive = readdirSync(work).find((file) => file.endsWith('.deb'));
  if (archive !== undefined) spawnSync('dpkg', ['-x', archive, 'files'], { cwd: work, stdio: 'ignore' });
  return archive !== undefined;
}

/** Where this machine takes Debian's own packages from: the first source of its own release. */
function debianMirror() {
  const codename = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  const files = [join(SOURCES, 'sources.list'), ...listed(join(SOURCES, 'sources.list.d'))].filter(existsSync);
  return files
    .flatMap((file) => entriesOf(readFileSync(file, 'utf8')))
    .find(({ suites, components }) => suites.includes(codename) && components.includes('main'));
}

const listed = (folder) =>
  existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .map((file) => join(folder, file))
    : [];

/** Both ways in which apt's sources are written: a line each, or stanzas of fields. */
export const entriesOf = (text) => [...lineEntries(text), ...stanzaEntries(text)];

function lineEntries(text) {
  return [...text.matchAll(/^deb\s+(?:(\[[^\]]*\])\s+)?(\S+)\s+(\S+)\s+(.*)$/gm)].map(
    ([, options = '', uri, suite, components]) => ({
      options,
      uri,
      suites: [suite],
      components: components.split(/\s+/),
    }),
  );
}

function stanzaEntries(text) {
  return text
    .split(/\n\s*\n/)
    .map((stanza) =>
      Object.fromEntries([...stanza.matchAll(/^([A-Za-z-]+):[ \t]*(.*)$/gm)].map(([, key, value]) => [key, value])),
    )
    .filter(({ URIs, Suites }) => URIs && Suites)
    .map(({ URIs, Suites, Components = '', 'Signed-By': key = '' }) => ({
      options: key.startsWith('/') ? `[signed-by=${key}]` : '',
      uri: URIs.split(/\s+/)[0],
      suites: Suites.split(/\s+/),
      components: Components.split(/\s+/),
    }));
}
