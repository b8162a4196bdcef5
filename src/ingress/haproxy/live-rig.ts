/** For live tests of HAProxy: whether it is here, and folders that are gone afterwards. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cleanup } from '../embedded/live-rig.ts';

/** On Debian as root a suite that is skipped fails: `npm test` installs what it needs. */
export function hasHaproxy(): boolean {
  const isHere = existsSync('/usr/sbin/haproxy');
  if (!isHere && process.env.SERIN_LIVE === 'required') throw new Error('the package haproxy is not installed');
  return isHere;
}

export function temporaryFolder(cleanup: Cleanup): string {
  const dir = mkdtempSync(join(tmpdir(), 'serin-haproxy-'));
  cleanup.add(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
