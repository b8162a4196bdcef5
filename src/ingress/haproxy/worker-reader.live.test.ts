import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock as clock } from '../../lib/clock.ts';
import { haproxyFiles } from './files.ts';
import { Silence } from './silence.ts';
import { WorkerReader } from './worker-reader.ts';

/** A master that passes on what its worker says, which may be nothing. */
async function masterOf(answers: Readonly<Record<string, string>>) {
  const dir = mkdtempSync(join(tmpdir(), 'serin-reader-'));
  const files = haproxyFiles(dir);
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('data', (line) => socket.end(answers[String(line).trim()] ?? ''));
  });
  await new Promise<void>((resolve) => server.listen(files.masterSocket, resolve));
  onTestFinished(() => {
    server.close();
    rmSync(dir, { recursive: true, force: true });
  });
  return new WorkerReader(files, { clock, silence: new Silence({ clock, onSilent: () => {} }) });
}

it('a new worker that does not answer yet is none: one without frontends would be replaced by one that has none', async () => {
  const info = 'description: serin-1\n';
  const silent = await masterOf({ '@!7 show info': info });
  expect(await silent.read([{ pid: 7, isOld: false }])).toEqual([]);
  const empty = await masterOf({
    '@!7 show info': info,
    '@!7 show stat -1 7 -1;@!7 show table latency': '# pxname,svname,\n\n',
  });
  expect(await empty.read([{ pid: 7, isOld: false }])).toMatchObject([{ pid: 7, layoutId: 'serin-1', rows: [] }]);
});
