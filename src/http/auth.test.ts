import { describe, expect, it } from 'vitest';
import { tokenRefusal } from './auth.ts';

const POLICY = { management: 'm', agent: 'a' };

const CASES: readonly (readonly [path: string, token: string | undefined, allowed: boolean])[] = [
  ['/v1/jobs', 'm', true],
  ['/v1/internal/node/register', 'm', true],
  ['/v1/jobs', 'a', false],
  ['/v1/ingresses', 'a', false],
  ['/v1/internal/node/register', 'a', true],
  ['/v1/ingress/table', 'a', true],
  ['/v1/status/leader', 'a', true],
  ['/v1/status/leader', undefined, false],
  ['/v1/agent/health', undefined, true],
  ['/v1/jobs', 'mm', false],
  ['/v1/jobs', '', false],
];

describe('tokens', () => {
  it.each(CASES)('%s with %j: %s', async (path, token, allowed) => {
    const headers = token === undefined ? {} : { 'x-nomad-token': token };
    expect((await tokenRefusal(path, headers, POLICY)) === undefined).toBe(allowed);
  });

  it('come as a bearer too', async () => {
    expect(await tokenRefusal('/v1/jobs', { authorization: 'bearer m' }, POLICY)).toBeUndefined();
  });

  it('that are empty on our side open nothing', async () => {
    expect(await tokenRefusal('/v1/jobs', { authorization: 'Bearer x' }, { management: '', agent: '' })).toBeDefined();
  });

  it('that only a server knows are asked of it', async () => {
    const asked: string[] = [];
    const isManagement = async (token: string) => {
      asked.push(token);
      return token === 'm';
    };
    const policy = { management: '', agent: 'a', isManagement };
    expect(await tokenRefusal('/v1/jobs', { 'x-nomad-token': 'm' }, policy)).toBeUndefined();
    expect(await tokenRefusal('/v1/jobs', { 'x-nomad-token': 'x' }, policy)).toBe(
      'The token is not one of this agent.',
    );
    expect(await tokenRefusal('/v1/jobs', { 'x-nomad-token': 'a' }, policy)).toMatch(/nodes and ingresses/);
    expect(asked).toEqual(['m', 'x']);
  });
});
