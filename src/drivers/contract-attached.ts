/** The part of the drivers' contract about commands beside a task with somebody at their other end. */
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { type ContractKit, type DescribeBehaviour, never } from './contract-kit.ts';
import type { AttachedCommand, AttachRequest, TaskConfig, TaskHandle } from './driver.ts';
import { eventually } from './testing/eventually.ts';
import { markedCommand } from './testing/marked.ts';

export function describeAttached(kit: ContractKit, behaviour: DescribeBehaviour): void {
  const attach = async (handle: TaskHandle, request: AttachRequest, signal = never()): Promise<AttachedCommand> => {
    if (kit.driver.attach === undefined)
      throw new Error('the driver has no attach; write it, or a reason in behaviours.ts');
    return kit.driver.attach(handle, request, signal);
  };
  const inShell = async (script: string, tty = false) => {
    const task = kit.lab.sleeper();
    return attach(await kit.start(task), shellRequest(task, script, tty));
  };

  behaviour('attach', () => {
    it('passes input on to its end, keeps the outputs apart, and answers the exit status', async () => {
      const command = await inShell('cat; echo "for $NOMAD_TASK_DIR" >&2; exit 3');
      command.stdin.write('first\n');
      command.stdin.end('last');
      const [out, err] = await Promise.all([textOf(command.stdout), textOf(command.stderr)]);
      expect([out, err, await command.exited]).toEqual(['first\nlast', expect.stringMatching(/^for \/.+\n$/), 3]);
    });

    it('loses nothing of a large output, whatever was left in the background', async () => {
      const command = await inShell('sleep 1000 & seq 1 100000');
      const lines = (await textOf(command.stdout)).split('\n');
      expect([lines.length, lines.at(-2), await command.exited]).toEqual([100_001, '100000', 0]);
    });

    it('answers 127 and says why when there is no such command', async () => {
      const task = kit.lab.sleeper();
      const request = { ...shellRequest(task, '', false), command: 'nosuchcommand', args: [] };
      const command = await attach(await kit.start(task), request);
      const words = await Promise.all([textOf(command.stdout), textOf(command.stderr)]);
      expect(await command.exited).toBe(127);
      expect(words.join('')).toMatch(/nosuchcommand.*not found/);
    });

    it('leaves the task alone, and nothing of the command', async () => {
      const task = kit.lab.sleeper();
      const handle = await kit.start(task);
      const request = shellRequest(task, '(setsid sleep 1000 &); exit 0', false);
      const command = await attach(handle, request);
      await drained(command);
      expect(await command.exited).toBe(0);
      expect(markedCommand(request.id)).toEqual([]);
      expect(await kit.driver.inspect(handle)).toMatchObject({ state: 'running' });
    });
  });

  behaviour('terminal', () => {
    it('is a terminal on all three, sees each size, and its keys are signals', async () => {
      const command = await inShell(
        'test -t 0 && test -t 1 && test -t 2 && echo tty; trap "stty size" WINCH; trap "exit 5" INT; echo ready; while :; do sleep 0.02; done',
        true,
      );
      const seen = collect(command.stdout);
      // A runtime that is slow to hand on the first size has the trap speak between the two.
      await eventually(() => saysLine(seen(), 'tty') && saysLine(seen(), 'ready'));
      command.resize({ columns: 101, rows: 31 });
      await eventually(() => saysLine(seen(), '31 101'));
      command.stdin.write('\x03');
      expect(await command.exited).toBe(5);
    });

    it('ends at the end of its input, as a shell does', async () => {
      const command = await inShell('cat', true);
      command.stdin.end('typed\n');
      expect(await textOf(command.stdout)).toMatch(/typed\r\n/);
      expect(await command.exited).toBe(0);
    });
  });

  behaviour('leave', () => {
    it.each([false, true])('of a client, with a terminal: %s', async (tty) => {
      const task = kit.lab.sleeper();
      const handle = await kit.start(task);
      const client = new AbortController();
      const request = shellRequest(task, STUBBORN, tty);
      const command = await attach(handle, request, client.signal);
      const ended = drained(command);
      await eventually(() => markedCommand(request.id).length >= 3);
      client.abort();
      await command.exited;
      await ended;
      expect(markedCommand(request.id)).toEqual([]);
      expect(await kit.driver.inspect(handle)).toMatchObject({ state: 'running' });
    });

    it.each([false, true])('of the agent, with a terminal: %s', async (tty) => {
      if (kit.lab.startInDyingAgent === undefined) throw new Error('the lab has no startInDyingAgent()');
      const task = kit.lab.sleeper();
      const request = shellRequest(task, STUBBORN, tty);
      const agent = await kit.lab.startInDyingAgent(task, request);
      kit.adopt(agent.handle);
      await eventually(() => markedCommand(request.id).length >= 3);
      await agent.kill();
      await eventually(() => markedCommand(request.id).length === 0);
      expect(await kit.driver.inspect(agent.handle)).toMatchObject({ state: 'running' });
    });
  });
}

/**
 * runc starts the command, and only then has the terminal inside leave line ends to the one outside: what a quick command
 * says before that ends with one more carriage return, which no terminal shows.
 */
const saysLine = (text: string, line: string): boolean => new RegExp(`${line}\\r+\\n`).test(text);

/** Ignores what a terminal that closes sends, and has a daemon in a session of its own. */
const STUBBORN = 'trap "" HUP TERM INT; (setsid sh -c "sleep 1000 & exec sleep 1000" &); while :; do sleep 0.05; done';

const shellRequest = (task: TaskConfig, script: string, tty: boolean): AttachRequest => ({
  id: randomUUID(),
  command: '/bin/sh',
  args: ['-c', script],
  env: task.env,
  user: task.user,
  taskDir: task.taskDir,
  allocDir: task.allocDir,
  tty,
});

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks).toString('utf8');
}

const drained = ({ stdout, stderr }: AttachedCommand): Promise<unknown> =>
  Promise.all([textOf(stdout), textOf(stderr)]);

function collect(stream: Readable): () => string {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  return () => text;
}
