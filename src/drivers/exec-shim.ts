/**
 * How a task of exec is started and watched over, as text for shells. Two of them:
 *
 * The launcher, in a session of its own, outlives the agent for the milliseconds that the runtime takes:
 *   ID.started  /proc/self/stat of the container's first process, or why there is none; then "."
 * The first process of the container, a `/bin/sh` that reads its script from a pipe of the launcher (so nothing of it
 * stands in an argument list or on the runtime's disk), runs the task as the task's user and stays root itself:
 *   ID.life     /proc/self/stat of the task as the container sees it, then "exit STATUS"
 *   ID.err      whether it is empty tells a signal from an exit status > 128
 * When it ends, in whichever way, the kernel kills all that is left in the container: no task without its supervisor.
 * If the launcher dies the pipe closes, and a first process that has not read everything by then runs nothing.
 */
import { type ProcessId, parseStat } from './proc.ts';
import { TASK_MARKER } from './process-tree.ts';
import { exportLines, foreignEnv, parseExit, quote, type ShimTools } from './shim.ts';
import type { UserIds } from './users.ts';

/** As absolute paths. */
export interface ExecTools extends ShimTools {
  readonly setpriv: string;
  readonly mkfifo: string;
  readonly rm: string;
  readonly cat: string;
  readonly chown: string;
}

/**
 * The check for `.cancelled` comes after the record and `recover` does the two the other way round: so either the
 * record is seen or the task never runs.
 */
export const launcherScript = (tools: ExecTools): string => `exec 2>"$1.err" </dev/null >&2
trap '' HUP INT TERM QUIT
unset SERIN_SHIM
pipe="$1.go"
${quote(tools.mkfifo)} "$pipe" && exec 6<>"$pipe" 5<"$pipe"
${quote(tools.rm)} -f "$pipe"
( . "./$1.launch" ) || { printf 'failed\\n.\\n' >"$1.started"; exit; }
read -r pid <"$1.bundle/pid"
IFS= read -r first <"/proc/$pid/stat"
printf '%s\\n.\\n' "$first" >"$1.started"
[ -e "$1.cancelled" ] || ${quote(tools.cat)} "$1.task" >&6
`;

export interface ExecLaunch {
  readonly runtime: readonly string[];
  readonly user: UserIds;
  readonly stdoutPath: string;
  readonly stderrPath: string;
}

/** The file that the launcher sources. Runtimes give the output to root; its task may open /dev/stdout again. */
export const launchFile = ({ runtime, user, stdoutPath, stderrPath }: ExecLaunch, tools: ExecTools): string => {
  const [out, err] = [quote(stdoutPath), quote(stderrPath)];
  return [
    `${runtime.map(quote).join(' ')} <&5 >>${out} 3>>"$1.life" 4>>${err} 5<&- 6>&- || exit 1`,
    `exec ${quote(tools.chown)} ${user.uid}:${user.gid} ${out} ${err}`,
    '',
  ].join('\n');
};

export interface ExecTask {
  readonly id: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly user: UserIds;
  /** Those that the task's processes can have at most. */
  readonly bounding: readonly string[];
  /** Those that they have, be the user root or not. */
  readonly ambient: readonly string[];
}

/** What the first process runs. One block: a shell that has not read it to the end runs none of it. */
export const firstProcessScript = (task: ExecTask, tools: ExecTools): string =>
  [
    '{',
    `trap '' HUP INT TERM QUIT`,
    '(',
    'trap - HUP INT TERM QUIT',
    'IFS= read -r task </proc/self/stat',
    `printf '%s\\n' "$task" >&3`,
    `cd ${quote(task.cwd)} 2>&4 || exit 125`,
    ...exportLines({ ...task.env, [TASK_MARKER]: task.id }),
    `exec ${taskCommand(task, tools).map(quote).join(' ')} </dev/null 2>&4 3>&- 4>&-`,
    ')',
    `printf 'exit %s\\n' $? >&3`,
    'exit',
    '}',
    '',
  ].join('\n');

/** In this order: a session, the user with no more than its capabilities, the environment that shells do not carry. */
const taskCommand = (task: ExecTask, tools: ExecTools): string[] => [
  tools.setsid,
  tools.setpriv,
  `--reuid=${task.user.uid}`,
  `--regid=${task.user.gid}`,
  '--init-groups',
  `--bounding-set=${only(task.bounding)}`,
  `--inh-caps=${only(task.ambient)}`,
  ...(task.ambient.length === 0 ? [] : [`--ambient-caps=${only(task.ambient)}`]),
  '--',
  ...foreignEnv(task.env, tools),
  ...task.argv,
];

const only = (names: readonly string[]): string => ['-all', ...names.map((name) => `+${name}`)].join(',');

/** undefined while the record is incomplete; "failed" when the runtime made no container. */
export function parseLaunched(text: string): ProcessId | 'failed' | undefined {
  const [first, end] = text.split('\n');
  if (end !== '.') return undefined;
  const stat = parseStat(first ?? '');
  return stat === undefined ? 'failed' : { pid: stat.pid, start: stat.start };
}

export interface Life {
  /** With its pid as the container counts; undefined when the task was never reached. */
  readonly task: ProcessId | undefined;
  /** undefined while it runs. */
  readonly exit: { readonly exitCode: number; readonly signal: number } | undefined;
}

export function parseLife(text: string, printed: string): Life {
  const lines = text.split('\n').slice(0, -1);
  const stat = parseStat(lines[0] ?? '');
  const exit = lines.find((line) => line.startsWith('exit '))?.slice('exit '.length);
  return {
    task: stat && { pid: stat.pid, start: stat.start },
    exit: exit === undefined ? undefined : parseExit(exit, printed),
  };
}
