/**
 * Images of a test engine that have Node.js in them, since nothing can be pulled: one that is imported, and any number
 * that are that one with other words.
 */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestEngine } from './docker-engine.ts';

export const NODE_IMAGE = 'serin-node:1';

/** This very Node.js and the libraries that it is linked with, at their own places, and what else is to be in `/`. */
export async function importNodeImage(engine: TestEngine, files: Readonly<Record<string, string>> = {}): Promise<void> {
  const own = Object.entries({ ...files, 'etc/passwd': 'root:x:0:0::/:/bin/sh\n' });
  execFileSync('mkdir', ['-p', join(engine.dir, 'node/etc')]);
  for (const [name, text] of own) writeFileSync(join(engine.dir, 'node', name), text);
  const system = [process.execPath, ...librariesOf(process.execPath)].map((path) => path.slice(1));
  const names = own.map(([name]) => name);
  const args = ['--dereference', '-cf', '-', '-C', '/', ...system, '-C', join(engine.dir, 'node'), ...names];
  const tar = spawn('tar', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [repo, tag] = NODE_IMAGE.split(':');
  const answer = await engine.docker.importImage(tar.stdout, { repo: repo!, tag: tag! });
  for await (const _line of answer);
}

/** The image under another name, with these instructions of a Dockerfile ("ENV VERSION=2", "CMD …"). */
export async function deriveImage(engine: TestEngine, name: string, changes: readonly string[]): Promise<void> {
  const container = await engine.docker.createContainer({ Image: NODE_IMAGE, Cmd: ['none'] });
  const [repo, tag] = name.split(':');
  await container.commit({ repo: repo!, tag: tag!, changes: changes.join('\n') });
  await container.remove();
}

/** As the dynamic linker of this machine finds them. */
function librariesOf(program: string): string[] {
  const lines = execFileSync('ldd', [program], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []).filter(isThere);
}

function isThere(path: string): boolean {
  try {
    return readFileSync(path).length > 0;
  } catch {
    return false;
  }
}
