/** Runs a command beside a task, with the task's environment and directory: script checks and `exec`. */
import { spawn } from 'node:child_process';
import type { Clock } from '../lib/clock.ts';
import { messageOf, SerinError } from '../lib/errors.ts';
import type { ExecOutput, ExecRequest } from './driver.ts';
import { findUser } from './users.ts';

/** How long the pipes of a command that has ended may still bring something. */
const LAST_WORDS_MS = 200;

/** Killed with all that it started when it takes longer than `timeoutMs` or when the signal aborts. */
export function runCommand(request: ExecRequest, clock: Clock, signal: AbortSignal): Promise<ExecOutput> {
  const user = request.user === '' ? undefined : findUser(request.user, 'setpriv');
  return new Promise((resolve, reject) => {
    const child = spawn(request.command, [...request.args], {
      cwd: request.taskDir,
      env: request.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
    });
    const chunks: Buffer[] = [];
    let size = 0;
    const keep = (chunk: Buffer) => {
      const rest = chunk.subarray(0, Math.max(0, request.maxOutputBytes - size));
      size += rest.length;
      if (rest.length > 0) chunks.push(rest);
    };
    let cut = '';
    const kill = (why: string) => {
      cut = why;
      if (child.pid !== undefined) killGroup(child.pid);
    };
    const timer = clock.after(request.timeoutMs, () => kill(`no result within ${request.timeoutMs} ms`));
    const abort = () => kill('stopped');
    signal.addEventListener('abort', abort, { once: true });
    const done = () => {
      timer.cancel();
      signal.removeEventListener('abort', abort);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => {
      done();
      reject(new SerinError('driver', `cannot run ${request.command}: ${messageOf(error)}`, { cause: error }));
    });
    child.on('exit', (code) => {
      done();
      const answer = () => {
        grace.cancel();
        child.stdout.destroy();
        child.stderr.destroy();
        if (cut !== '') reject(new SerinError('driver', `${request.command}: ${cut}`));
        else resolve({ exitCode: code ?? 128, output: Buffer.concat(chunks).toString('utf8') });
      };
      // Its last words may still be in the pipes; a grandchild may hold them open for ever.
      const grace = clock.after(LAST_WORDS_MS, answer);
      child.once('close', answer);
    });
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
