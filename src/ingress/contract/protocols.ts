/** What is spoken on both sides: TLS, HTTP/2, TCP, WebSockets, bodies of any size. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { systemClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import { Certificates } from '../certificates.ts';
import {
  answerOf,
  freePort,
  httpInstance,
  portOf,
  rawClient,
  rawInstance,
  tableOf,
  until,
} from '../embedded/live-rig.ts';
import { makeCertificate } from '../embedded/testing-certificates.ts';
import { type Suite, says } from './suite.ts';

export function protocolsContract({ behaviour, start, proxied, cleanup }: Suite): void {
  behaviour('tls', () => {
    const startTls = async (names: readonly string[]) => {
      const folder = mkdtempSync(join(tmpdir(), 'serin-contract-'));
      cleanup.add(() => rmSync(folder, { recursive: true, force: true }));
      for (const each of names) makeCertificate(folder, each, [`DNS:${each}`]);
      const certificates = new Certificates({ paths: [folder], clock: systemClock, log: silentLog });
      await certificates.load();
      const rig = await start({ hasTls: true, certificates });
      return { rig, folder, certificates };
    };
    const shown = async (port: number, servername: string): Promise<string> => {
      const socket = connectTls({ port, host: '127.0.0.1', servername, rejectUnauthorized: false });
      socket.on('error', () => {});
      await once(socket, 'secureConnect');
      const { subject } = socket.getPeerCertificate();
      socket.destroy();
      return String(subject.CN);
    };

    it('and takes a new certificate as soon as it is there', async () => {
      const { rig, folder, certificates } = await startTls(['a.example', 'b.example']);
      await rig.apply([]);
      expect(await shown(rig.port, 'b.example')).toBe('b.example');
      expect(await shown(rig.port, 'c.example')).toBe('a.example');
      makeCertificate(folder, 'c.example', ['DNS:c.example']);
      await certificates.load();
      for (let turn = 0; turn < 200 && (await shown(rig.port, 'c.example')) !== 'c.example'; turn++) await delay(10);
      expect(await shown(rig.port, 'c.example')).toBe('c.example');
    });

    it('and tells the instance so; a port without it sends clients there', async () => {
      const { rig } = await startTls(['a.example']);
      const instance = await httpInstance(cleanup, 'a', (asked, answer) =>
        answer.end(`${asked.headers['x-forwarded-proto']} ${asked.httpVersion}`),
      );
      const plain = await freePort();
      const { Frontends } = tableOf(rig.port, 'http', [instance]);
      const Redirects = [{ Host: '', Path: '/', Port: rig.port }];
      await rig.applyTable({
        Frontends: [
          { ...Frontends[0]!, TLS: true },
          { Listen: plain, Mode: 'http', Routes: [], Redirects },
        ],
      });
      await until('it is ready', () => rig.state(instance) === 'ready');
      const session = connectHttp2(rig.url, { rejectUnauthorized: false });
      cleanup.add(() => session.destroy());
      const stream = session.request({ ':path': '/' });
      let text = '';
      for await (const chunk of stream) text += String(chunk);
      expect(text).toBe('https 1.1');
      const answer = await fetch(`http://127.0.0.1:${plain}/x/y?z=1`, { redirect: 'manual' });
      expect(answer.status).toBe(308);
      expect(answer.headers.get('location')).toBe(`https://127.0.0.1:${rig.port}/x/y?z=1`);
    });

    it('and tells clients to come by it alone, where the service says so and the instance nothing else', async () => {
      const { rig } = await startTls(['a.example']);
      const instance = await httpInstance(cleanup, 'a', (asked, answer) => {
        if (asked.url === '/own') answer.setHeader('Strict-Transport-Security', 'max-age=1');
        answer.end('ok');
      });
      const { Frontends } = tableOf(rig.port, 'http', [instance], [], { HstsSeconds: 15_768_000 });
      await rig.applyTable({ Frontends: [{ ...Frontends[0]!, TLS: true }] });
      await until('it is ready', () => rig.state(instance) === 'ready');
      const session = connectHttp2(rig.url, { rejectUnauthorized: false });
      cleanup.add(() => session.destroy());
      const told = async (path: string): Promise<unknown> => {
        const stream = session.request({ ':path': path });
        const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
        stream.resume();
        await once(stream, 'end');
        return headers['strict-transport-security'];
      };
      expect(await told('/')).toBe('max-age=15768000');
      expect(await told('/own')).toBe('max-age=1');
    });
  });

  behaviour('h2c', () => {
    it('for clients of HTTP/1.1 as well', async () => {
      const server = createHttp2Server((asked, answer) => answer.end(`over ${asked.httpVersion}`)).listen(
        0,
        '127.0.0.1',
      );
      await once(server, 'listening');
      const sessions = new Set<{ destroy(): void }>();
      server.on('session', (session) => sessions.add(session));
      cleanup.add(() => {
        for (const session of sessions) session.destroy();
        server.close();
      });
      const rig = await start({ server: { Protocol: 'h2c' } });
      const check = { Type: 'http' as const, Path: '/', Method: 'GET', IntervalMs: 1000, TimeoutMs: 500 };
      const instance = { id: 'a', port: portOf(server as never) };
      await rig.apply([instance], [], { Check: check });
      await until('it is ready', () => rig.state(instance) === 'ready');
      expect(await answerOf(rig.url)).toBe('200 over 2.0');
    });
  });

  behaviour('stream', () => {
    it('10 MB each way, in chunks', async () => {
      const { rig } = await proxied((asked, answer) => void asked.pipe(answer));
      const body = randomBytes(10 * 1024 * 1024);
      const asked = request(rig.url, { method: 'POST' });
      for (let at = 0; at < body.length; at += 65536) asked.write(body.subarray(at, at + 65536));
      asked.end();
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).equals(body)).toBe(true);
    });

    it('and does not read a response faster than its client takes it', async () => {
      let sent = 0;
      const piece = randomBytes(65536);
      const { rig } = await proxied((_, answer) => {
        const more = () => {
          while (sent < 400 * piece.length) {
            sent += piece.length;
            if (!answer.write(piece)) return void answer.once('drain', more);
          }
          answer.end();
        };
        more();
      });
      const asked = request(rig.url).end();
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      response.pause();
      let before = -1;
      while (sent !== before) {
        before = sent;
        await delay(100);
      }
      expect(sent).toBeLessThan(300 * piece.length);
      response.destroy();
    });
  });

  behaviour('tcp', () => {
    it('and counts the connection until it ends', async () => {
      const rig = await start({ mode: 'tcp' });
      const instance = await rawInstance(cleanup, 'a', (socket) => {
        socket.on('data', (bytes) => socket.write(`echo ${bytes}`));
      });
      await rig.apply([instance]);
      await until('it is ready', () => rig.state(instance) === 'ready');
      const client = await rawClient(cleanup, rig.port);
      client.socket.write('hello');
      await until('it is echoed', () => client.text() === 'echo hello');
      await rig.apply([], [instance]);
      expect(rig.state(instance)).toBe('draining');
      client.socket.write('again');
      await until('it is echoed', () => client.text() === 'echo helloecho again');
      client.socket.destroy();
      await until('it is drained', () => rig.state(instance) === 'drained');
    });

    it('and holds a connection until an instance is ready', async () => {
      const rig = await start({ mode: 'tcp' });
      await rig.apply([]);
      const client = await rawClient(cleanup, rig.port);
      client.socket.write('hello');
      const instance = await rawInstance(cleanup, 'a', (socket) => socket.on('data', (bytes) => socket.write(bytes)));
      await rig.apply([instance]);
      await until('it is echoed', () => client.text() === 'hello');
    });
  });

  behaviour('goodbye', () => {
    it('to both sides: whatever the instance has heard is answered', async () => {
      const { rig, instance } = await proxied(says('ok'));
      const heard: string[] = [];
      const codes: number[] = [];
      const sockets = new WebSocketServer({ server: instance.server });
      cleanup.add(() => sockets.close());
      sockets.on('connection', (socket) => {
        socket.on('close', (code) => codes.push(code));
        socket.on('message', (data) => {
          heard.push(String(data));
          socket.send(String(data));
        });
      });
      const client = new WebSocket(rig.url.replace('http', 'ws'));
      const answers: string[] = [];
      let sent = 0;
      const send = (): void => {
        if (client.readyState === WebSocket.OPEN) client.send(`${sent++}`);
      };
      client.on('message', (data) => {
        answers.push(String(data));
        send();
      });
      const closed = once(client, 'close');
      await once(client, 'open');
      // There is never a moment with nothing under way.
      for (let at = 0; at < 20; at++) send();
      await until('it is in flight', () => rig.inFlight(instance) === 1);
      await rig.apply([], [instance], { DrainDeadlineMs: 500 });
      const [code] = (await closed) as [number];
      await until('the instance has heard of it', () => codes.length === 1);
      expect({ code, codes }).toEqual({ code: 1001, codes: [1001] });
      expect(answers.length).toBeGreaterThan(50);
      expect(answers).toEqual(heard);
      await until('it is drained', () => rig.state(instance) === 'drained');
    });
  });

  behaviour('websocket', () => {
    it('which outlives the drain of its instance', async () => {
      const { rig, instance } = await proxied(says('ok'));
      const sockets = new WebSocketServer({ server: instance.server });
      cleanup.add(() => sockets.close());
      sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${String(data)}`)));
      const client = new WebSocket(rig.url.replace('http', 'ws'));
      await once(client, 'open');
      client.send('one');
      expect(String((await once(client, 'message'))[0])).toBe('echo one');
      await until('it is in flight', () => rig.inFlight(instance) === 1);
      await rig.apply([], [instance]);
      client.send('two');
      expect(String((await once(client, 'message'))[0])).toBe('echo two');
      await delay(20);
      expect(rig.state(instance)).toBe('draining');
      client.close();
      await until('it is drained', () => rig.state(instance) === 'drained');
    });
  });
}
