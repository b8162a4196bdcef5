/** What a task of mock runs when it is asked to: an echo without a process. */
import { PassThrough, Writable } from 'node:stream';
import type { AttachedCommand, AttachRequest } from './driver.ts';

export function echoCommand(request: AttachRequest, exitCode: number, signal: AbortSignal): AttachedCommand {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  return {
    stdin: new Writable({
      write: (chunk, _encoding, done) => void stdout.write(chunk, () => done()),
      final: (done) => {
        stdout.end();
        done();
      },
    }),
    stdout,
    stderr,
    resize: ({ columns, rows }) => void (request.tty && stdout.write(`${rows} ${columns}\r\n`)),
    exited: new Promise((resolve) => {
      const end = (status: number) => {
        stdout.end();
        stderr.end();
        resolve(status);
      };
      const leave = () => end(KILLED);
      signal.addEventListener('abort', leave, { once: true });
      if (signal.aborted) leave();
      stdout.on('end', () => end(exitCode));
      stdout.write(`${[request.command, ...request.args].join(' ')}${request.tty ? '\r' : ''}\n`);
    }),
  };
}

const KILLED = 137;
