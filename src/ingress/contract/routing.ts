/** Where a request goes, and what it tells of its client there. */
import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { connect } from 'node:http2';
import { expect, it } from 'vitest';
import type { Backend, RouteAuth } from '../../model/ingress.ts';
import { answerOf, httpInstance, type Instance, rawClient, rawInstance, tableOf, until } from '../embedded/live-rig.ts';
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

    it('and for how long an instance keeps its own connections', async () => {
      const { rig } = await proxied((_, answer) => {
        answer.setHeader('Keep-Alive', 'timeout=4711');
        answer.end('ok');
      });
      expect((await fetch(rig.url)).headers.get('keep-alive')).toBeNull();
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

  behaviour('allow', () => {
    const may = (backend: Backend, ...AllowFrom: string[]): Backend => ({ ...backend, AllowFrom });

    it('on a port that several services share, and as soon as it changes', async () => {
      const rig = await start();
      const [own, all] = await Promise.all(['own', 'all'].map((each) => httpInstance(cleanup, each, says(each))));
      const shop = backendOf('default/own/web', [own!]);
      const table = (...networks: string[]) => ({
        Frontends: [
          {
            Listen: rig.port,
            Mode: 'http' as const,
            Routes: [
              { Host: 'own.com', Path: '/', Backend: may(shop, ...networks) },
              { Host: '', Path: '/', Backend: backendOf('default/all/web', [all!]) },
            ],
          },
        ],
      });
      const ask = (host: string) => answerOf(rig.url, { headers: { host } });
      const becomes = (host: string, answer: string) => expect.poll(() => ask(host)).toBe(answer);
      await rig.applyTable(table('127.0.0.0/8'));
      await until('both are ready', () => areAll(rig, [own!, all!], 'ready'));
      expect(await ask('own.com')).toBe('200 own');
      await rig.applyTable(table('10.0.0.0/8', '10.9.9.9'));
      await becomes('own.com', '403 127.0.0.1 may not come in here');
      expect(await ask('any.com')).toBe('200 all');
      await rig.applyTable(table('10.0.0.0/8', '127.0.0.1'));
      await becomes('own.com', '200 own');
    });

    it('by the client that a load balancer names in a PROXY header', async () => {
      const rig = await start({ trustedProxies: ['127.0.0.0/8'], acceptsProxyProtocol: true });
      const instance = await httpInstance(cleanup, 'a', says('ok'));
      const Routes = [{ Host: '', Path: '/', Backend: may(backendOf('default/a/web', [instance]), '203.0.113.0/24') }];
      await rig.applyTable({ Frontends: [{ Listen: rig.port, Mode: 'http', Routes }] });
      await until('it is ready', () => rig.state(instance) === 'ready');
      const from = async (address: string): Promise<string> => {
        const client = await rawClient(cleanup, rig.port);
        client.socket.write(
          `PROXY TCP4 ${address} 198.51.100.1 4711 80\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
        );
        await until('it is answered', () => client.state.isClosed);
        return client.text().slice(9, 12);
      };
      expect(await from('203.0.113.7')).toBe('200');
      expect(await from('203.0.114.7')).toBe('403');
    });

    it('in mode "tcp" by ending the connection', async () => {
      const rig = await start({ mode: 'tcp' });
      const instance = await rawInstance(cleanup, 'a', (socket) => socket.on('data', (bytes) => socket.write(bytes)));
      const Routes = [{ Host: '', Path: '/', Backend: may(backendOf('default/a/web', [instance]), '10.0.0.0/8') }];
      await rig.applyTable({ Frontends: [{ Listen: rig.port, Mode: 'tcp', Routes }] });
      await until('it is ready', () => rig.state(instance) === 'ready');
      const client = await rawClient(cleanup, rig.port);
      client.socket.write('hello');
      await until('it is ended', () => client.state.isClosed);
      expect(client.text()).toBe('');
    });
  });

  behaviour('password', () => {
    const secret = (word: string) => `Basic ${Buffer.from(word).toString('base64')}`;

    it('on the routes that ask for one, whatever its kind, and as soon as that changes', async () => {
      const rig = await start();
      const seen: (string | undefined)[] = [];
      const tells: RequestListener = (asked, answer) => {
        seen.push(asked.headers.authorization);
        says('shop')(asked, answer);
      };
      const [shop, open] = [
        await httpInstance(cleanup, 'shop', tells),
        await httpInstance(cleanup, 'open', says('open')),
      ];
      const apply = (...Users: RouteAuth['Users']) => {
        const Auth = { Realm: 'The $hop: 100%', Users };
        const Routes = [
          {
            Host: 'shop.com',
            Path: '/',
            Backend: backendOf('default/shop/web', [shop]),
            ...(Users.length > 0 && { Auth }),
          },
          { Host: '', Path: '/', Backend: backendOf('default/open/web', [open]) },
        ];
        return rig.applyTable({ Frontends: [{ Listen: rig.port, Mode: 'http', Routes }] });
      };
      const ask = (authorization?: string, method = 'GET', body = '') =>
        answerOf(rig.url, { method, headers: { host: 'shop.com', ...(authorization && { authorization }) } }, body);
      await apply(...USERS);
      await until('both are ready', () => areAll(rig, [shop, open], 'ready'));
      expect(await ask()).toBe('401 a name and its password are needed here');
      for (const { Name } of USERS) expect(await ask(secret(`${Name}:secret`)), Name).toBe('200 shop');
      expect(seen).toEqual(USERS.map(({ Name }) => secret(`${Name}:secret`)));
      for (const wrong of ['sha512:secre', 'nobody:secret', ':', '']) expect(await ask(secret(wrong))).toMatch(/^401/);
      expect(await ask(secret('md5:secret'), 'POST', 'x'.repeat(100_000))).toBe('200 shop');
      expect(await ask(secret('md5:wrong'), 'POST', 'x'.repeat(100_000))).toMatch(/^401/);
      expect(await answerOf(rig.url)).toBe('200 open');
      await apply(USERS[0]!);
      await expect.poll(() => ask(secret('md5:secret')), PATIENT).toMatch(/^401/);
      expect(await ask(secret(`${USERS[0]!.Name}:secret`))).toBe('200 shop');
      await apply();
      await expect.poll(() => ask(), PATIENT).toBe('200 shop');
    });

    it('of a whole port, by HTTP/2 as well, and says what it is for', async () => {
      const { rig, instance } = await proxied(says('ok'));
      const { Frontends } = tableOf(rig.port, 'http', [instance]);
      Frontends[0]!.Routes[0]!.Auth = { Realm: 'Shop', Users: USERS };
      await rig.applyTable({ Frontends });
      await expect.poll(() => answerOf(rig.url), PATIENT).toMatch(/^401/);
      expect((await fetch(rig.url)).headers.get('www-authenticate')).toBe('Basic realm="Shop"');
      const session = connect(rig.url);
      cleanup.add(() => session.destroy());
      const ask = async (headers: Record<string, string>) => {
        const stream = session.request({ ':path': '/', ...headers });
        const [answer] = (await once(stream, 'response')) as [Record<string, unknown>];
        return [answer[':status'], answer['www-authenticate']];
      };
      expect(await ask({})).toEqual([401, 'Basic realm="Shop"']);
      expect(await ask({ authorization: secret('sha256:secret') })).toEqual([200, undefined]);
    });
  });
}

const PATIENT = { timeout: 10_000 };

/** Each with the password "secret". */
const USERS = [
  {
    Name: 'sha512',
    Hash: '$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1',
  },
  { Name: 'sha256', Hash: '$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA' },
  { Name: 'md5', Hash: '$1$saltsalt$9xy1btjgzLYfb7hivXtC//' },
];

const backendOf = (id: string, servers: readonly Instance[]): Backend => {
  const [frontend] = tableOf(1, 'http', servers).Frontends;
  return { ...frontend!.Routes[0]!.Backend, ID: id };
};
