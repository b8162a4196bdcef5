/**
 * Sees to it that nothing outlives a command of `alloc exec`: a small `/bin/sh` beside it, which reads a pipe of the
 * agent until that closes, because the command is over, because its client has left, or because the agent was killed.
 * Then it kills everything that carries the command's marker in its environment or is in one of its sessions, until a
 * look finds nothing. In containers too: the node's /proc shows those processes as well.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { SerinError } from '../lib/errors.ts';
import { quote } from './shim.ts';
import { findProgram } from './shim-spawner.ts';

/** Set in the environment of a command and of all that it starts, to the command's id. */
export const EXEC_MARKER = 'SERIN_EXEC_ID';

const ROUNDS = 100;
const PAUSE_S = '0.05';

interface KeeperTools {
  readonly sh: string;
  readonly grep: string;
  readonly sleep: string;
}

/**
 * `$1`: the command's id; `$2`: a file in which one more session stands by then, or "". After "over" the sessions named
 * before are left alone: a runtime that still has to say how its command ended.
 */
const keeperScript = ({ grep, sleep }: KeeperTools): string => `trap '' HUP INT TERM QUIT
sessions=none
while read -r session; do
  if [ "$session" = over ]; then sessions=none; else sessions="$sessions|$session"; fi
done
if [ -n "$2" ] && read -r session <"$2"; then sessions="$sessions|$session"; fi
round=0
while [ $round -lt ${ROUNDS} ]; do
  found=
  for file in $(${quote(grep)} -lsF '${EXEC_MARKER}='"$1" /proc/[0-9]*/environ) \\
    $(${quote(grep)} -lsE "^[0-9]+ \\(.*\\) [^ZX] [0-9]+ [0-9]+ ($sessions) " /proc/[0-9]*/stat)
  do
    pid=\${file#/proc/}
    found="$found \${pid%%/*}"
  done
  [ -z "$found" ] && exit 0
  kill -9 $found
  ${quote(sleep)} ${PAUSE_S}
  round=$((round + 1))
done
exit 1
`;

export interface Keeper {
  /** A session of the command's, by its leader's pid. */
  owns(session: number): void;
  /** What it owned so far ends by itself. */
  disown(): void;
  /** Kills what is left; answers whether nothing is. */
  finish(): Promise<boolean>;
}

export function startKeeper(id: string, path: string, sessionFile = ''): Keeper {
  const tools = findKeeperTools(path);
  const shell = spawn(tools.sh, ['-c', keeperScript(tools), 'serin-exec', id, sessionFile], {
    env: {},
    stdio: ['pipe', 'ignore', 'ignore'],
    // A session of its own: what ends the agent's must not end it.
    detached: true,
  });
  shell.stdin?.on('error', () => {});
  const ended = endOf(shell);
  const tell = (word: string) => void (shell.stdin?.writable && shell.stdin.write(`${word}\n`));
  return {
    owns: (session) => tell(String(session)),
    disown: () => tell('over'),
    finish: () => {
      shell.stdin?.end();
      return ended;
    },
  };
}

const endOf = (shell: ChildProcess): Promise<boolean> =>
  new Promise((resolve) => {
    shell.on('error', () => resolve(false));
    shell.on('exit', (status) => resolve(status === 0));
  });

function findKeeperTools(path: string): KeeperTools {
  const [sh, grep, sleep] = ['sh', 'grep', 'sleep'].map((name) => findProgram(name, path));
  if (sh && grep && sleep) return { sh, grep, sleep };
  throw new SerinError('driver', "commands beside a task need sh, grep and sleep in the agent's PATH");
}
