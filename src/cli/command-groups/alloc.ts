/** The commands of allocations: what one does, and what may be asked of it. */
import type { CommandSpec } from '../command.ts';
import { DETACH, type FlagSpec, JSON_FLAGS, VERBOSE } from '../flags.ts';

const TASK: FlagSpec = { name: 'task', value: 'name', about: 'The task; needed only where there are several.' };

const OF_JOB: FlagSpec = {
  name: 'job',
  about: 'The argument is a job: take its newest allocation that runs, or else its newest.',
};

const END_FLAGS: readonly FlagSpec[] = [
  { name: 'f', about: 'Follow: go on with what is written later, until the allocation has ended.' },
  { name: 'tail', about: 'Only the end: the last 10 lines, unless -n or -c says otherwise.' },
  { name: 'n', value: 'lines', about: 'Only the last so many lines.' },
  { name: 'c', value: 'bytes', about: 'Only the last so many bytes.' },
];

const TASK_OF_ALL: FlagSpec = { name: 'task', value: 'name', about: 'Only this one; may be an argument as well.' };

export const ALLOC_COMMANDS: readonly CommandSpec[] = [
  {
    words: 'alloc status',
    summary: 'Shows an allocation: its tasks, what happened to them, its checks.',
    args: '<allocation>?',
    flags: [
      { name: 'short', about: 'One line per task.' },
      { name: 'stats', about: 'Also every figure that the node measures of each task.' },
      ...JSON_FLAGS,
      VERBOSE,
    ],
    example: 'serin alloc status 0423e644',
    load: () => import('../commands/alloc-status.ts'),
  },
  {
    words: 'alloc checks',
    summary: 'Shows what the checks of an allocation found last; with -verbose, before that too.',
    args: '<allocation>',
    flags: [...JSON_FLAGS, VERBOSE],
    example: 'serin alloc checks 0423e644',
    load: () => import('../commands/alloc-checks.ts'),
  },
  {
    words: 'alloc logs',
    summary: "Prints a task's output.",
    args: '<allocation> <task>?',
    flags: [
      {
        name: 'stdout',
        about: 'Standard output; that is so unless -stderr is given. With both, each goes to its own.',
      },
      { name: 'stderr', about: 'Standard error instead of standard output.' },
      TASK,
      OF_JOB,
      ...END_FLAGS,
      VERBOSE,
    ],
    example: 'serin alloc logs -f 0423e644',
    load: () => import('../commands/alloc-logs.ts'),
  },
  {
    words: 'alloc fs',
    summary: 'Lists a folder of an allocation, or prints a file of it.',
    args: '<allocation> <path>?',
    flags: [
      { name: 'H', about: 'Sizes for people: KiB, MiB.' },
      { name: 'stat', about: 'Only what it is, not what is in it.' },
      OF_JOB,
      ...END_FLAGS,
      VERBOSE,
    ],
    example: 'serin alloc fs 0423e644 alloc/logs',
    load: () => import('../commands/alloc-fs.ts'),
  },
  {
    words: 'alloc stop',
    summary: 'Stops an allocation; the scheduler replaces it.',
    args: '<allocation>',
    flags: [
      DETACH,
      { name: 'no-shutdown-delay', about: 'Do not wait for shutdown_delay; requests in flight are waited for.' },
      VERBOSE,
    ],
    example: 'serin alloc stop 0423e644',
    load: () => import('../commands/alloc-stop.ts'),
  },
  {
    words: 'alloc restart',
    summary: 'Restarts the tasks of an allocation, or one of them, in place.',
    args: '<allocation> <task>?',
    flags: [
      TASK_OF_ALL,
      { name: 'all-tasks', about: 'Also those that have done their work, in their order; not poststop tasks.' },
      VERBOSE,
    ],
    example: 'serin alloc restart 0423e644',
    load: () => import('../commands/alloc-restart.ts'),
  },
  {
    words: 'alloc signal',
    summary: 'Sends a signal to the tasks of an allocation, or to one of them.',
    args: '<allocation> <task>?',
    flags: [
      { name: 's', value: 'signal', about: 'Which one; SIGKILL unless given.' },
      TASK_OF_ALL,
      { name: 'job', about: 'The argument is a job: take one of its running allocations.' },
      VERBOSE,
    ],
    example: 'serin alloc signal -s SIGHUP 0423e644',
    load: () => import('../commands/alloc-signal.ts'),
  },
  {
    words: 'alloc exec',
    summary: 'Runs a command beside a task, as the task would; what it leaves in the background ends with it.',
    args: '<allocation> <command> <args...>?',
    flags: [
      TASK,
      { name: 'job', about: 'The argument is a job: take one of its running allocations.' },
      { name: 'i', about: 'Pass standard input on; on unless -i=false.' },
      { name: 't', about: 'Give it a terminal; on where input and output are one, unless -t=false.' },
      {
        name: 'e',
        value: 'character',
        about:
          'At the beginning of a line, followed by ".", it leaves a terminal; "~" unless given, "none": nothing does.',
      },
    ],
    isSealed: true,
    example: 'serin alloc exec 0423e644 /bin/sh',
    load: () => import('../commands/alloc-exec.ts'),
  },
];
