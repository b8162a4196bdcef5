import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadTokens } from './tokens.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'serin-tokens-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const files = () => ({ tokenFile: join(folder, 'sub/token'), agentTokenFile: join(folder, 'sub/token.agent') });

describe('token files', () => {
  it('are made at the first start of a server, for their owner alone, and stay', () => {
    const tokens = loadTokens(files(), { makes: true });
    expect(tokens.management).toMatch(/^[0-9a-f]{64}$/);
    expect(tokens.agent).not.toBe(tokens.management);
    for (const file of Object.values(files())) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(files().tokenFile, 'utf8').trim()).toBe(tokens.management);
    expect(loadTokens(files(), { makes: true })).toEqual(tokens);
  });

  it('are never made up by an agent that joins with them', () => {
    const agentTokenFile = join(folder, 'joins');
    expect(() => loadTokens({ tokenFile: '', agentTokenFile }, { makes: false })).toThrow(/copy it here from a server/);
    writeFileSync(agentTokenFile, 'a-token-of-some-length\n', { mode: 0o600 });
    const loaded = loadTokens({ tokenFile: '', agentTokenFile }, { makes: false });
    expect(loaded).toEqual({ management: '', agent: 'a-token-of-some-length' });
  });

  it.each([0o640, 0o604, 0o644])('that others may read (%o) are refused', (mode) => {
    loadTokens(files(), { makes: true });
    chmodSync(files().tokenFile, mode);
    expect(() => loadTokens(files(), { makes: true })).toThrow(`chmod 600 ${files().tokenFile}`);
  });

  it.each(['', 'short'])('that hold %j are refused', (token) => {
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, token, { mode: 0o600 });
    expect(() => loadTokens({ ...files(), tokenFile }, { makes: true })).toThrow(/too short/);
  });
});
