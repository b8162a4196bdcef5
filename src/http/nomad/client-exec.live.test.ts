import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { echoCommand } from '../../drivers/mock-attach.ts';
import { systemClock } from '../../lib/clock.ts';
import { SerinError } from '../../lib/errors.ts';
import type { ExecOptions, HttpDeps, NodeOperations } from '../deps.ts';
import { fakeNode, goldenAlloc, goldenNode, seed, type TestApi, testApi, UNKNOWN_ID } from '../fixture.ts';
import { forwardSocketWith } from '../forward-socket.ts';

const ID = goldenAlloc().ID;
const MANAGEMENT = 'the-management-token';
const EXEC = `/v1/client/allocation/${ID}/exec?task=server&command=${encodeURIComponent('["cat","-u"]')}`;

const opened: TestApi[] = [];
const ran: ExecOptions[] = [];
afterEach(async () => {
  for (const api of opened.splice(0)) await api.app.close();
  ran.length = 0;
});

const node = (): NodeOperations => ({
  ...fakeNode([], []),
  exec: async (_allocId, options) => {
    ran.push(options);
    if (options.task !== 'server') throw new SerinError('notFound', `allocation has no task "${options.task}"`);
    const [command, ...args] = options.command;
    const request = { id: 'x', command, args, env: {}, user: '', taskDir: '', allocDir: '', tty: options.tty };
    return echoCommand(request, 5, options.signal);
  },
});

async function listen(changes: Partial<HttpDeps> = {}): Promise<string> {
  const api = await testApi({ node: node(), clock: systemClock as never, ...changes });
  opened.push(api);
  await seed(api.state);
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  return `127.0.0.1:${(api.app.server.address() as { port: number }).port}`;
}

interface Heard {
  readonly frames: Record<string, unknown>[];
  readonly code: number;
  readonly reason: string;
}

/** Says everything once it is connected; hears until the end. Rejects with the status of a refusal. */
function talk(url: string, says: readonly unknown[], headers: Record<string, string> = {}): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${url}`, { headers });
    const frames: Record<string, unknown>[] = [];
    socket.on('open', () => {
      for (const each of says) socket.send(typeof each === 'string' ? each : JSON.stringify(each));
    });
    socket.on('message', (data) => frames.push(JSON.parse(String(data)) as Record<string, unknown>));
    socket.on('close', (code, reason) => resolve({ frames, code, reason: reason.toString() }));
    socket.on('error', (error) => reject(error));
  });
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const INPUT = [{ stdin: { data: base64('hello\n') } }, {}, { stdin: { close: true } }];
const textOf = ({ frames }: Heard): string =>
  frames.map(({ stdout }) => Buffer.from((stdout as { data?: string })?.data ?? '', 'base64').toString()).join('');

describe('a command beside a task', () => {
  it('gets the input in order, and answers its output and its exit status last', async () => {
    const heard = await talk(`${await listen()}${EXEC}`, INPUT);
    expect([textOf(heard), heard.code]).toEqual(['cat -u\nhello\n', 1000]);
    expect(heard.frames).toContainEqual({ stderr: { close: true } });
    expect(heard.frames.at(-1)).toEqual({ exited: true, result: { exit_code: 5 } });
  });

  it('hears of each size of its terminal', async () => {
    const heard = await talk(`${await listen()}${EXEC}&tty=true`, [
      { tty_size: { height: 31, width: 101 } },
      { stdin: { close: true } },
    ]);
    expect(textOf(heard)).toBe('cat -u\r\n31 101\r\n');
  });

  it('ends with its client', async () => {
    const socket = new WebSocket(`ws://${await listen()}${EXEC}`);
    await new Promise((resolve) => socket.once('message', resolve));
    const ended = new Promise((resolve) => ran[0]!.signal.addEventListener('abort', resolve));
    socket.terminate();
    await ended;
  });

  it('ends with the agent, which does not wait for it', async () => {
    const talking = talk(`${await listen()}${EXEC}`, []);
    while (ran.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await opened[0]!.app.close();
    expect(await talking).toMatchObject({ code: 1001 });
  });

  it.each<[string, string, readonly unknown[], RegExp]>([
    ['an allocation that nobody knows', EXEC.replace(ID, UNKNOWN_ID), [], /^Unknown allocation "0000/],
    ['a task that is not there', EXEC.replace('=server', '=other'), [], /has no task "other"/],
    ['no command', EXEC.replace(/command=.*/, ''), [], /command must be a JSON list/],
    ['a command that is no list', EXEC.replace(/command=.*/, 'command=ls'), [], /command must be a JSON list/],
    ['an empty command', EXEC.replace(/command=.*/, 'command=[]'), [], /command must be a JSON list/],
    ['a tty that is neither true nor false', `${EXEC}&tty=perhaps`, [], /Failed to parse value of "tty"/],
    ['a message that is no JSON', EXEC, ['ls'], /A message must be JSON/],
    ['a message of another shape', EXEC, [{ stdin: 7 }], /A message must be JSON/],
  ])('is refused with 1008 and a sentence: %s', async (_name, path, says, words) => {
    const heard = await talk(`${await listen()}${path}`, says);
    expect(heard).toMatchObject({ code: 1008, reason: expect.stringMatching(words) });
  });

  it('asked for without a WebSocket is 400', async () => {
    const reply = await fetch(`http://${await listen()}${EXEC}`);
    expect([reply.status, await reply.text()]).toEqual([400, expect.stringMatching(/speaks WebSocket only/)]);
  });
});

describe('who may talk', () => {
  const tokens = { management: MANAGEMENT, agent: 'the-agent-token' };
  const handshake = (auth_token: string) => ({ version: 1, auth_token });

  it.each<[string, Record<string, string>]>([
    ['a page from elsewhere', { origin: 'https://evil.example' }],
    ['a page that has pointed its own name here', { host: 'evil.example', origin: 'http://evil.example' }],
    ['a sandboxed page', { origin: 'null' }],
    ['a browser for a page from elsewhere', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'websocket' }],
  ])('not %s', async (_name, headers) => {
    await expect(talk(`${await listen()}${EXEC}`, [], headers)).rejects.toThrow('403');
    expect(ran).toEqual([]);
  });

  it('the own page', async () => {
    const address = await listen();
    const heard = await talk(`${address}${EXEC}`, INPUT, { origin: `http://${address}` });
    expect(heard.code).toBe(1000);
  });

  it.each([undefined, 'wrong', tokens.agent])('not with the token %s, where tokens are in use', async (token) => {
    const headers: Record<string, string> = token === undefined ? {} : { 'x-nomad-token': token };
    await expect(talk(`${await listen({ tokens })}${EXEC}`, [], headers)).rejects.toThrow('403');
    expect(ran).toEqual([]);
  });

  it('with the token as a header, or as the first message', async () => {
    const address = await listen({ tokens });
    expect(await talk(`${address}${EXEC}`, INPUT, { 'x-nomad-token': MANAGEMENT })).toMatchObject({ code: 1000 });
    const heard = await talk(`${address}${EXEC}&ws_handshake=true`, [handshake(MANAGEMENT), ...INPUT]);
    expect([heard.code, textOf(heard)]).toEqual([1000, 'cat -u\nhello\n']);
  });

  it.each<[string, unknown, RegExp]>([
    ['a wrong token', handshake('wrong'), /not one of this agent/],
    ['no token', handshake(''), /asks for a token/],
    ['something else', INPUT[0], /first message must be/],
  ])('not with %s as the first message', async (_name, first, words) => {
    const heard = await talk(`${await listen({ tokens })}${EXEC}&ws_handshake=true`, [first, ...INPUT]);
    expect(heard).toMatchObject({ code: 1008, reason: expect.stringMatching(words) });
    expect(ran).toEqual([]);
  });
});

describe('a conversation that is handed on', () => {
  const elsewhere = (address: string) => ({ ...goldenNode(), HTTPAddr: address });

  /** A server without the node, which finds it at that address. */
  async function server(address: string, changes: Partial<HttpDeps> = {}): Promise<string> {
    const onward = forwardSocketWith(systemClock);
    const forwardSocket: HttpDeps['forwardSocket'] = (_found, call, each) => onward(elsewhere(address), call, each);
    const api = await testApi({ clock: systemClock as never, forwardSocket, ...changes });
    opened.push(api);
    await seed(api.state);
    await api.app.listen({ host: '127.0.0.1', port: 0 });
    return `127.0.0.1:${(api.app.server.address() as { port: number }).port}`;
  }

  it('says and hears the same, token and end included', async () => {
    const tokens = { management: MANAGEMENT, agent: 'a' };
    const address = await server(await listen({ tokens }), { tokens });
    const first = { version: 1, auth_token: MANAGEMENT };
    const heard = await talk(`${address}${EXEC}&ws_handshake=true`, [first, ...INPUT]);
    expect([textOf(heard), heard.code]).toEqual(['cat -u\nhello\n', 1000]);
    const refused = await talk(`${address}${EXEC.replace('=server', '=x')}`, [], { 'x-nomad-token': MANAGEMENT });
    expect(refused).toMatchObject({ code: 1008, reason: 'allocation has no task "x"' });
  });

  it('ends there when the client has gone here', async () => {
    const socket = new WebSocket(`ws://${await server(await listen())}${EXEC}`);
    await new Promise((resolve) => socket.once('message', resolve));
    const ended = new Promise((resolve) => ran[0]!.signal.addEventListener('abort', resolve));
    socket.terminate();
    await ended;
  });

  it('says which agent does not answer', async () => {
    const heard = await talk(`${await server('127.0.0.1:1')}${EXEC}`, []);
    expect(heard).toMatchObject({ code: 1008, reason: expect.stringMatching(/does not answer at 127\.0\.0\.1:1/) });
  });
});

it('answers a call that would rather speak another protocol as the call that it is', async () => {
  const [host = '', port = ''] = (await listen()).split(':');
  const socket = connect(Number(port), host);
  const head = ['Host: localhost', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'];
  const body = '{"Signal": "SIGHUP"}';
  const length = `Content-Length: ${body.length}`;
  socket.write([`PUT /v1/client/allocation/${ID}/signal HTTP/1.1`, ...head, length, '', body].join('\r\n'));
  const answer = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))));
  socket.destroy();
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
});
