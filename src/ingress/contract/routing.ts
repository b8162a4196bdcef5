/** Where a request goes, and what it tells of its client there. */
import type { IncomingMessage, RequestListener } from 'node:http';
import { expect, it } from 'vitest';
import type { Backend } from '../../model/ingress.ts';
import { answerOf, httpInstance, type Instance, rawClient, tableOf, until } from '../embedded/live-rig.ts';
import { areAll, type Suite, says } from './suite.ts';

export function routingContract({ behaviour, start, proxied, cleanup }: Suite): void {
  behaviour('route', () => {
    it('the host before its wildcard before any host, the longest path first, ending at a segment', async () => {
      const rig = await start();
      const names = ['any', 'host', 'api', 'users', 'wild', 'sub'];
      const instances = await Promise.all(names.map((each) => httpInstance(cleanup, each, says(each))));
      const to = (at: number) => backendOf(`default/${names[at]}/web`, [instances[at]!]);
      const Routes = [
        { Host: 'shop.example.com', Path: '/api/users', Backend: to(3) },
        { Host: 'shop.example.com', Path: '/api', Backend: to(2) },
        { Host: 'shop.example.com', Path: '/', Backend: to(1) },
        { Host: '*.eu.example.com', Path: '/', Backend: to(5) },
        { Host: '*.example.com', Path: '/', Backend: to(4) },
        { Host: '', Path: '/any', Backend: to(0) },
      ];
      await rig.applyTable({ Frontends: [{ Listen: rig.port, Mode: 'http', Routes }] });
      await until('all are ready', () => areAll(rig, instances, 'ready'));
      const ask = (host: string, path: string) => answerOf(`${rig.url}${path}`, { headers: { host } });
      expect(await ask('SHOP.example.com:80', '')).toBe('200 host');
      expect(await ask('shop.example.com.', 'api')).toBe('200 api');
      expect(await ask('shop.example.com', 'api/orders?x=/api/users')).toBe('200 api');
      expect(await ask('shop.example.com', 'api/users/7')).toBe('200 users');
      expect(await ask('shop.example.com', 'apiary')).toBe('200 host');
      expect(await ask('a.example.com', 'any')).toBe('200 wild');
      expect(await ask('a.eu.example.com', '')).toBe('200 sub');
      expect(await ask('example.org', 'any/x')).toBe('200 any');
      expect(await ask('example.org', 'other')).toBe('404 no service here answers to example.org/other');
    });

    it('a frontend without routes answers 404 in a sentence', async () => {
      const { rig, instance } = await proxied(says('ok'));
      await rig.applyTable({ Frontends: [{ Listen: rig.port, Mode: 'http', Routes: [] }] });
      expect(await answerOf(`${rig.url}x`)).toBe(`404 no service here answers to 127.0.0.1:${rig.port}/x`);
      expect(rig.state(instance)).toBeUndefined();
    });
  });

  behaviour('forward', () => {
    it('with X-Forwarded-For, -Proto and -Host, whatever the client said of them', async () => {
      const seen: IncomingMessage['headers'][] = [];
      const { rig } = await proxied((asked, answer) => {
        seen.push(asked.headers);
        answer.end('ok');
      });
      const headers = {
        host: 'shop.example.com',
        'x-forwarded-for': '10.1.1.1',
        'x-forwarded-proto': 'gopher',
        proxy: 'http://evil',
        'x-kept': 'yes',
      };
      expect(await answerOf(rig.url, { headers })).toBe('200 ok');
      expect(seen[0]).toMatchObject({
        host: 'shop.example.com',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-proto': 'http',
        'x-forwarded-host': 'shop.example.com',
        'x-kept': 'yes',
      });
      expect(seen[0]).not.toHaveProperty('proxy');
    });
  });

  behaviour('hop', () => {
    it('those that the client names in "Connection" included', async () => {
      const seen: IncomingMessage['headers'][] = [];
      const { rig } = await proxied((asked, answer) => {
        seen.push(asked.headers);
        answer.end('ok');
      });
      const headers = { connection: 'close, x-secret', 'x-secret': 'of this hop' };
      expect(await answerOf(rig.url, { headers })).toBe('200 ok');
      expect(seen[0]).not.toHaveProperty('x-secret');
    });
  });

  behaviour('trust', () => {
    const tells: RequestListener = (asked, answer) =>
      void answer.end(['for', 'proto', 'port'].map((each) => asked.headers[`x-forwarded-${each}`]).join(' '));
    const headers = { 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' };

    it('by X-Forwarded-*', async () => {
      const { rig } = await proxied(tells, { trustedProxies: ['127.0.0.1'] });
      expect(await answerOf(rig.url, { headers })).toBe('200 1.2.3.4, 127.0.0.1 https 443');
      const other = await proxied(tells);
      expect(await answerOf(other.rig.url, { headers })).toBe(`200 127.0.0.1 http ${other.rig.port}`);
    });

    it('by a PROXY header', async () => {
      const { rig } = await proxied(tells, { trustedProxies: ['127.0.0.0/8'], acceptsProxyProtocol: true });
      const client = await rawClient(cleanup, rig.port);
      const head = 'GET / HTTP/1.1\r\nHost: a.com\r\nX-Forwarded-For: 6.6.6.6\r\nConnection: close\r\n\r\n';
      client.socket.write(`PROXY TCP4 203.0.113.7 198.51.100.1 4711 80\r\n${head}`);
      await until('it is answered', () => client.state.isClosed);
      expect(client.text()).toContain('203.0.113.7 http 80');
    });
  });
}

const backendOf = (id: string, servers: readonly Instance[]): Backend => {
  const [frontend] = tableOf(1, 'http', servers).Frontends;
  return { ...frontend!.Routes[0]!.Backend, ID: id };
};
