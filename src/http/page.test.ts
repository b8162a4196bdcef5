/** The page's files as a browser asks for them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, testApi } from './fixture.ts';
import type { PageFile, PageFiles } from './page.ts';

const FILES: Readonly<Record<string, PageFile>> = {
  'index.html': { bytes: Buffer.from('<!doctype html>'), contentType: 'text/html; charset=utf-8' },
  'assets/main-1.js': { bytes: Buffer.from([1, 2, 3]), contentType: 'text/javascript; charset=utf-8', encoding: 'br' },
};
const page: PageFiles = { read: async (path) => FILES[path] };

let api: TestApi;
beforeAll(async () => {
  api = await testApi({ page, tokens: { management: 'secret', agent: '' } });
});
afterAll(() => api.app.close());

const get = (url: string) => api.app.inject({ method: 'GET', url });

describe('the page', () => {
  it.each(['/ui/', '/ui/jobs', '/ui/deployments/1234?group=web', '/ui/jobs/a%2Fb'])(
    'answers %s with its first document, and needs no token',
    async (url) => {
      const { statusCode, body, headers } = await get(url);
      expect([statusCode, body]).toEqual([200, '<!doctype html>']);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
      expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:/);
      expect(headers['cache-control']).toBe('no-cache');
    },
  );

  it('keeps what never changes, compressed as it was built', async () => {
    const { rawPayload, headers } = await get('/ui/assets/main-1.js');
    expect([...rawPayload]).toEqual([1, 2, 3]);
    expect(headers).toMatchObject({ 'content-encoding': 'br', 'cache-control': expect.stringMatching(/immutable/) });
  });

  it('of another version says so, instead of a document that is no script', async () => {
    const { statusCode, body } = await get('/ui/assets/main-0.js');
    expect([statusCode, body]).toEqual([404, expect.stringMatching(/Load the page again/)]);
  });

  it.each(['/', '/ui'])('is where %s leads', async (url) => {
    const { statusCode, headers } = await get(url);
    expect([statusCode, headers.location]).toEqual([302, '/ui/']);
  });
});

it('an agent that was built without it says so', async () => {
  const bare = await testApi({});
  const { statusCode, body } = await bare.app.inject({ method: 'GET', url: '/ui/' });
  expect([statusCode, body]).toEqual([404, 'This agent was built without its page.']);
  await bare.app.close();
});
