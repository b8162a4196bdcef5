import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import type { FilesReader } from '../deps.ts';
import { fakeFiles, fakeNode, goldenAlloc, goldenNode, seed, type TestApi, testApi } from '../fixture.ts';
import { forwardOverHttp } from '../forward.ts';

const PIECE = 64 * 1024;
const ID = goldenAlloc().ID;

let there: TestApi;
let here: TestApi;
let pieces: number;
let isClosed: boolean;

/** A file without an end: whoever does not wait for its reader fills the memory. */
const endless: FilesReader = {
  ...fakeFiles([], []),
  async *read({ path: File }) {
    try {
      for (;;) {
        pieces++;
        yield { File, Offset: 0, Data: Buffer.alloc(PIECE) };
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      isClosed = true;
    }
  },
};

const portOf = (api: TestApi): number => (api.app.server.address() as AddressInfo).port;

/** The agent of the node, and one that hands calls on to it. */
beforeEach(async () => {
  pieces = 0;
  isClosed = false;
  there = await testApi({ clock: systemClock, node: { ...fakeNode([], []), files: () => endless } });
  here = await testApi({ clock: systemClock, forward: forwardOverHttp });
  for (const api of [there, here]) {
    await seed(api.state);
    await api.app.listen({ host: '127.0.0.1', port: 0 });
  }
  const HTTPAddr = `127.0.0.1:${portOf(there)}`;
  await here.state.update((tx) => tx.putNode({ ...goldenNode(), HTTPAddr }));
});

afterEach(async () => {
  await here.app.close();
  await there.app.close();
});

function open(api: TestApi, path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port: portOf(api), path, agent: false }, resolve).on('error', reject);
  });
}

it.each([
  ['cat', () => there],
  ['cat', () => here],
  ['stream', () => there],
] as const)(
  'a reader that does not read is waited for, and a file is closed behind one that left: %s %#',
  async (verb, asked) => {
    const answer = await open(asked(), `/v1/client/fs/${verb}/${ID}?path=endless`);
    answer.once('readable', () => answer.read(1));
    let before = -1;
    await expect
      .poll(
        () => {
          const isQuiet = pieces > 0 && pieces === before;
          before = pieces;
          return isQuiet;
        },
        { interval: 200 },
      )
      .toBe(true);
    // What sockets hold, on the way through two of them.
    expect(pieces * PIECE).toBeLessThan(64 * 2 ** 20);
    answer.destroy();
    await expect.poll(() => isClosed).toBe(true);
  },
);
