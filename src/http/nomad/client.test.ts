import { describe, expect, it } from 'vitest';
import { json } from '../answer.ts';
import { fakeNode, goldenAlloc, goldenNode, seed, type TestApi, testApi, UNKNOWN_ID } from '../fixture.ts';

const ID = goldenAlloc().ID;

async function withNode(check: (api: TestApi, asked: unknown[][]) => Promise<void>): Promise<void> {
  const asked: unknown[][] = [];
  const api = await testApi({ node: fakeNode(asked, ['hello ', 'world\n']) });
  await seed(api.state);
  await check(api, asked);
  await api.app.close();
}

describe('logs', () => {
  it('come plain', () =>
    withNode(async (api) => {
      const reply = await api.get(`/v1/client/fs/logs/${ID}?task=server&type=stdout&plain=true`);
      expect([reply.body, reply.headers['content-type']]).toEqual(['hello world\n', 'text/plain; charset=utf-8']);
    }));

  it('come in frames, each with its file, offset and data', () =>
    withNode(async (api) => {
      const reply = await api.get(`/v1/client/fs/logs/${ID}?task=server&type=stderr`);
      const frames = reply.body
        .replaceAll('}{', '}\n{')
        .split('\n')
        .map((line) => JSON.parse(line) as object);
      expect(frames).toEqual([
        { File: 'alloc/logs/server.stderr.0', Offset: 6, Data: 'aGVsbG8g' },
        { File: 'alloc/logs/server.stderr.0', Offset: 12, Data: 'd29ybGQK' },
      ]);
    }));

  it.each([
    ['type=stdout', 'must provide task name'],
    ['task=server', 'must provide log type (stdout/stderr)'],
    ['task=server&type=both', 'must provide log type (stdout/stderr)'],
    ['task=server&type=stdout&origin=middle', 'origin must be start or end'],
    ['task=server&type=stdout&offset=-5', 'offset must be a whole number of bytes'],
  ])('asked for with %s are refused', (query, sentence) =>
    withNode(async (api) => {
      const reply = await api.get(`/v1/client/fs/logs/${ID}?${query}`);
      expect([reply.status, reply.body]).toEqual([400, sentence]);
    }),
  );

  it('of a task that has not started are 404, as there is still time to say so', () =>
    withNode(async (api) => {
      const reply = await api.get(`/v1/client/fs/logs/${ID}?task=other&type=stdout&follow=true`);
      expect([reply.status, reply.body]).toEqual([404, 'task "other" not started yet. No logs available']);
    }));

  it('that are followed beat while nothing comes, and end with the agent', () =>
    withNode(async (api) => {
      const following = api.get(`/v1/client/fs/logs/${ID}?task=server&type=stdout&follow=true`);
      for (let second = 0; second < 3; second++) await api.clock.advance(1000);
      await api.app.close();
      const reply = await following;
      expect(reply.body).toMatch(/^\{"File".*\}\{"File".*\}(\{\})+$/);
    }));
});

describe('the machine of a node', () => {
  it.each(['', `?node_id=${goldenNode().ID}`])('is measured by the node in this process: "%s"', (query) =>
    withNode(async (api) => expect((await api.get(`/v1/client/stats${query}`)).json()).toEqual({ Uptime: 7 })),
  );

  it('is measured by another node, if it is that one’s', async () => {
    const forwarded: string[] = [];
    const api = await testApi({
      forward: async (node, call) => {
        forwarded.push(`${node.HTTPAddr}${call.url}`);
        return json({ Uptime: 8 });
      },
    });
    await seed(api.state);
    const url = `/v1/client/stats?node_id=${goldenNode().ID}`;
    expect((await api.get(url)).json()).toEqual({ Uptime: 8 });
    expect(forwarded).toEqual([`${goldenNode().HTTPAddr}${url}`]);
    const unknown = await api.get(`/v1/client/stats?node_id=${UNKNOWN_ID}`);
    expect([unknown.status, unknown.body]).toEqual([404, `Unknown node "${UNKNOWN_ID}"`]);
    const without = await api.get('/v1/client/stats');
    expect([without.status, without.body]).toEqual([400, 'This agent is no node: name one with ?node_id=.']);
    await api.app.close();
  });
});

describe('what only a node can do', () => {
  it('is asked of the node in this process', () =>
    withNode(async (api, asked) => {
      expect((await api.put(`/v1/client/allocation/${ID}/restart`, { TaskName: 'server' })).body).toBe('{}');
      await api.put(`/v1/client/allocation/${ID}/restart`, {});
      await api.put(`/v1/client/allocation/${ID}/restart`, { AllTasks: true });
      const both = await api.put(`/v1/client/allocation/${ID}/restart`, { AllTasks: true, TaskName: 'server' });
      expect(both.status).toBe(400);
      await api.put(`/v1/client/allocation/${ID}/signal`, { Signal: 'SIGHUP', Task: 'server' });
      expect(asked).toEqual([
        ['restart', ID, 'server'],
        ['restart', ID],
        ['restartAll', ID],
        ['signal', ID, 'SIGHUP', 'server'],
      ]);
      expect((await api.get(`/v1/client/allocation/${ID}/stats`)).json()).toEqual({ Tasks: {} });
    }));

  it.each([`/v1/client/allocation/${ID}/checks`, `/v1/allocation/${ID}/checks`])(
    '%s says what checks found',
    async (url) => {
      const api = await testApi({ node: { ...fakeNode([], []), checks: () => ({ c1: { Status: 'success' } }) } });
      await seed(api.state);
      expect((await api.get(url)).json()).toEqual({ c1: { Status: 'success' } });
      await api.app.close();
    },
  );

  it('of an unknown allocation is 404', () =>
    withNode(async (api) => {
      const reply = await api.put(`/v1/client/allocation/${UNKNOWN_ID}/restart`, {});
      expect([reply.status, reply.body]).toEqual([404, `Unknown allocation "${UNKNOWN_ID}"`]);
    }));

  it('is handed on where the allocation is on another node', async () => {
    const forwarded: string[] = [];
    const api = await testApi({
      forward: async (node, call) => {
        forwarded.push(`${call.method} ${node.HTTPAddr}${call.url}`);
        return json({ from: 'there' });
      },
    });
    await seed(api.state);
    const reply = await api.get(`/v1/client/allocation/${ID}/stats?x=1`);
    expect(reply.json()).toEqual({ from: 'there' });
    expect(forwarded).toEqual([`GET ${goldenNode().HTTPAddr}/v1/client/allocation/${ID}/stats?x=1`]);
    await api.app.close();
  });
});
