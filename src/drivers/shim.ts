/**
 * The supervisor of a raw_exec task: a `/bin/sh` in a session of its own (0.1 MB each), which outlives the agent.
 * It runs the task in another session and leaves two records in the state directory:
 *   ID.started  /proc/self/stat of the task and of the shim, then "." (an incomplete record has not been written yet)
 *   ID.exit     the exit status, put there by rename; whether ID.err is empty tells a signal from an exit status > 128
 * A `spawner`, one more `/bin/sh`, starts the shims: forking it costs a tenth of forking the agent, and the agent
 * does not stand still meanwhile. Here is only text in and out; `shim-spawner.ts` runs it.
 */
import { type ProcessId, parseStat } from './proc.ts';
import { TASK_MARKER } from './process-tree.ts';
import { signalNumber } from './signals.ts';

/** The utilities that the scripts call, as absolute paths. */
export interface ShimTools {
  readonly sh: string;
  readonly setsid: string;
  readonly mv: string;
  readonly env: string;
  /** Only for tasks with a `user`. */
  readonly setpriv: string | undefined;
}

/** Reads task ids, one a line, until the agent is gone. */
export const spawnerScript = (tools: ShimTools): string =>
  `while IFS= read -r id; do ${quote(tools.setsid)} -f ${quote(tools.sh)} -c "$SERIN_SHIM" serin-task "$id"; done`;

/** The task file is sourced in a subshell that becomes the task. */
export const shimScript = (tools: ShimTools): string => `exec 2>"$1.err" </dev/null >&2
trap '' HUP INT TERM QUIT
unset SERIN_SHIM
IFS= read -r shim </proc/self/stat
(
  trap - HUP INT TERM QUIT
  IFS= read -r task </proc/self/stat
  . "./$1.task"
)
echo $? >"$1.tmp"
exec ${quote(tools.mv)} "$1.tmp" "$1.exit"
`;

export interface Launch {
  readonly id: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stdoutPath: string;
  readonly stderrPath: string;
  readonly cgroup: string | undefined;
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * The file that a shim sources: the environment stands here (mode 0600), never in an argument list that `ps` shows.
 * The check for `.cancelled` comes after the record and `recover` does the two the other way round: so either the
 * record is seen or the task never runs.
 */
export function taskScript(launch: Launch, tools: ShimTools): string {
  return [
    // Before the record: whoever knows of the task finds all of it by its cgroup.
    ...(launch.cgroup === undefined ? [] : [`echo 0 >${quote(`${launch.cgroup}/cgroup.procs`)} || exit 125`]),
    // Once the record is there the agent removes this file, which is open by then.
    // On a disk that is full there is no record, and nobody would know of the task.
    `printf '%s\\n%s\\n.\\n' "$task" "$shim" >"$1.started" || exit 125`,
    '[ -e "$1.cancelled" ] && exit 125',
    `cd ${quote(launch.cwd)} || exit 125`,
    `exec >>${quote(launch.stdoutPath)} || exit 125`,
    ...exportLines({ ...launch.env, [TASK_MARKER]: launch.id }),
    `exec ${taskCommand(launch, tools).map(quote).join(' ')} 2>>${quote(launch.stderrPath)}`,
    '',
  ].join('\n');
}

/** Shells drop variables with names like "a.b" and keep some for themselves; `env` passes those on. */
const SHELL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const SHELLS_OWN = /^(_|E?UID|PPID|IFS|OPTIND|LINENO|PS[0-9]|PWD|OLDPWD|SHELLOPTS|BASH.*)$/;
const isShellName = (name: string): boolean => SHELL_NAME.test(name) && !SHELLS_OWN.test(name);

/** What a shell exports by itself. */
export const exportLines = (env: Readonly<Record<string, string>>): string[] =>
  Object.entries(env)
    .filter(([name]) => isShellName(name))
    .map(([name, value]) => `export ${name}=${quote(value)}`);

/** The `env` command for the others; nothing where there are none. */
export function foreignEnv(env: Readonly<Record<string, string>>, tools: Pick<ShimTools, 'env'>): string[] {
  const foreign = Object.entries(env).filter(([name]) => !isShellName(name));
  return foreign.length === 0 ? [] : [tools.env, ...foreign.map(([name, value]) => `${name}=${value}`)];
}

function taskCommand(launch: Launch, tools: ShimTools): string[] {
  const user = launch.user;
  return [
    tools.setsid,
    ...(user === undefined
      ? []
      : [tools.setpriv ?? 'setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--init-groups', '--']),
    ...foreignEnv(launch.env, tools),
    ...launch.argv,
  ];
}

export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

export interface StartedRecord {
  readonly task: ProcessId;
  readonly shim: ProcessId;
}

/** undefined while the record is incomplete. */
export function parseStarted(text: string): StartedRecord | undefined {
  const [first, second, end] = text.split('\n');
  if (end !== '.') return undefined;
  const task = parseStat(first ?? '');
  const shim = parseStat(second ?? '');
  return task && shim && { task: idOf(task), shim: idOf(shim) };
}

const idOf = ({ pid, start }: ProcessId): ProcessId => ({ pid, start });

/** Shells say nothing of these two. A status of 128 + one of them may, rarely, be the task's own. */
const SILENT_SIGNALS = ['SIGINT', 'SIGPIPE'].map(signalNumber);

/** A shell reports 128 + signal, as a task itself may: what the shell printed ("Killed") tells them apart. */
export function parseExit(text: string, printed: string): { exitCode: number; signal: number } | undefined {
  const exitCode = Number.parseInt(text, 10);
  if (!Number.isInteger(exitCode)) return undefined;
  const signal = exitCode - 128;
  const signalled = signal > 0 && (printed.trim() !== '' || SILENT_SIGNALS.includes(signal));
  return { exitCode, signal: signalled ? signal : 0 };
}
