import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seededRandom } from '../../lib/random.ts';
import { openEmbeddedStorage } from './embedded.ts';
import { runKillRounds } from './kill-rounds.ts';

const ROUNDS = Number(process.env.SERIN_STATE_KILLS ?? 10);

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
// Inside the checkout, so that the bundle finds what it imports from the registry.
const bundled = (name: string) => here(`../../../node_modules/.cache/serin/${name}.mjs`);
const child = bundled('kill-child');
let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'serin-kill-'));
  for (const name of ['kill-child', 'full-child']) await bundle(name);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

it(`a process that is killed at any moment (${ROUNDS} times) loses nothing acknowledged and leaves nothing by half`, async () => {
  const seed = String(Date.now());
  const data = join(directory, 'killed');
  const report = await runKillRounds({ directory: data, child, rounds: ROUNDS, random: seededRandom(seed) });
  expect(report.problems, `seed ${seed}`).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(ROUNDS);
}, 600_000);

it('a directory in use by another process names it, and is free as soon as that one is killed', async () => {
  const data = join(directory, 'used');
  const other = spawn(process.execPath, [child, data], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => other.once('close', resolve));
  await new Promise((resolve) => other.stdout.once('data', resolve));
  await expect(openEmbeddedStorage(data)).rejects.toThrow(`in use by process ${other.pid}`);
  other.stdout.resume();
  other.kill('SIGKILL');
  await ended;
  await (await openEmbeddedStorage(data)).close();
});

it('a disk that takes no more refuses the update, keeps what was acknowledged, and can be freed', async () => {
  const data = join(directory, 'full');
  const limited = ['-c', 'ulimit -f 4096; exec "$0" "$@"', process.execPath, bundled('full-child'), data];
  const { stdout } = await promisify(execFile)('sh', limited, { timeout: 170_000 });
  const said = Object.assign(
    {},
    ...stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
  expect(said).toMatchObject({ leadershipEnded: true, deleted: true });
  expect(said.refusal).toContain(`the data directory ${data} could not be written`);
  expect(said.there).toBe(said.acknowledged);
  expect(said.acknowledged).toBeGreaterThan(0);
});

async function bundle(name: string): Promise<void> {
  const external = (id: string) => !id.startsWith('.') && !id.startsWith('/');
  const made = await rolldown({ input: here(`./${name}.ts`), platform: 'node', external });
  await made.write({ file: bundled(name), format: 'esm' });
  await made.close();
}
