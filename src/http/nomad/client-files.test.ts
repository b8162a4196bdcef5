import { describe, expect, it } from 'vitest';
import { fakeFiles, fakeNode, goldenAlloc, seed, type TestApi, testApi } from '../fixture.ts';

const ID = goldenAlloc().ID;

async function withFiles(check: (api: TestApi, asked: unknown[][]) => Promise<void>): Promise<void> {
  const asked: unknown[][] = [];
  const files = fakeFiles(asked, ['ab', '\xff\x00c']);
  const api = await testApi({ node: { ...fakeNode(asked, []), files: () => files } });
  await seed(api.state);
  await check(api, asked);
  await api.app.close();
}

describe('the folder of an allocation', () => {
  it('is listed from its top where no path is given', () =>
    withFiles(async (api, asked) => {
      const list = (await api.get(`/v1/client/fs/ls/${ID}`)).json<object[]>();
      await api.get(`/v1/client/fs/ls/${ID}?path=alloc%2Flogs`);
      expect(Object.keys(list[0]!)).toEqual(['Name', 'IsDir', 'Size', 'FileMode', 'ModTime']);
      expect(asked).toEqual([
        ['list', '/'],
        ['list', 'alloc/logs'],
      ]);
    }));

  it('says what one of its files is', () =>
    withFiles(async (api) => {
      const info = (await api.get(`/v1/client/fs/stat/${ID}?path=file`)).json<object>();
      expect(Object.keys(info)).toEqual(['Name', 'IsDir', 'Size', 'FileMode', 'ModTime', 'ContentType']);
    }));
});

describe('a file', () => {
  it('comes byte for byte, and no browser takes it for a page', () =>
    withFiles(async (api) => {
      const reply = await api.app.inject({ url: `/v1/client/fs/cat/${ID}?path=file` });
      expect(reply.rawPayload.toString('latin1')).toBe('ab\xff\x00c');
      expect(reply.headers['content-type']).toBe('application/octet-stream');
    }));

  it('comes in part', () =>
    withFiles(async (api, asked) => {
      await api.get(`/v1/client/fs/readat/${ID}?path=file&offset=7&limit=3`);
      expect(asked).toEqual([['read', { path: 'file', offset: 7, limit: 3, origin: 'start', follow: false }]]);
    }));

  it('comes in frames that say what happened to it, and beat until the agent ends', () =>
    withFiles(async (api) => {
      const following = api.get(`/v1/client/fs/stream/${ID}?path=file&origin=end&offset=2`);
      for (let second = 0; second < 3; second++) await api.clock.advance(1000);
      await api.app.close();
      const frames = (await following).body.replaceAll('}{', '}\n{').split('\n');
      expect(frames.slice(0, 3).map((frame) => JSON.parse(frame))).toEqual([
        { File: 'file', Offset: 0, Data: 'YWI=' },
        { File: 'file', Offset: 0, Data: '/wBj' },
        { File: 'file', Offset: 0, Data: '', FileEvent: 'file truncated' },
      ]);
      expect(frames.slice(3)).toContain('{}');
    }));

  it('is not followed where nobody wants that', () =>
    withFiles(async (api) => {
      const reply = await api.get(`/v1/client/fs/stream/${ID}?path=file&follow=false&plain=true`);
      expect(reply.body).toContain('ab');
    }));

  it.each([
    ['cat', '', 400, 'must provide a file name'],
    ['stat', '?path=', 400, 'must provide a file name'],
    ['readat', '?path=file', 400, 'offset must be a whole number of bytes'],
    ['readat', '?path=file&offset=1', 400, 'limit must be a whole number of bytes'],
    ['readat', '?path=file&offset=-1&limit=2', 400, 'offset must be a whole number of bytes'],
    ['stream', '?path=file&origin=middle', 400, 'origin must be start or end'],
    ['stream', '?path=file&offset=x', 400, 'offset must be a whole number of bytes'],
    ['stream', '?path=file&follow=perhaps', 400, 'Failed to parse value of "follow" (perhaps) as a bool'],
    ['cat', '?path=secret', 403, 'Reading secret file prohibited: "secret"'],
  ])('asked for by %s%s is refused', (verb, query, status, sentence) =>
    withFiles(async (api) => {
      const reply = await api.get(`/v1/client/fs/${verb}/${ID}${query}`);
      expect([reply.status, reply.body]).toEqual([status, sentence]);
    }),
  );
});
