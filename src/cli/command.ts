/** What a command is: declared in the table of commands, loaded only when it is called. */
import type { ApiClient } from '../api/client-over.ts';
import type { Clock } from '../lib/clock.ts';
import type { FlagSpec, Flags } from './flags.ts';
import type { Style } from './format/style.ts';
import type { Streams } from './streams.ts';

/** Everything that a command may touch of the world. */
export interface CommandContext {
  readonly client: ApiClient;
  readonly terminal: Terminal;
  /** As they are, for a command that hands them on. */
  readonly streams: Streams;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborts on an interrupt. */
  readonly signal: AbortSignal;
  readonly version: string;
  /** From -namespace; undefined: the job file's own, or the default one. */
  readonly namespace: string | undefined;
}

export interface Terminal {
  readonly style: Style;
  /** Standard output is a terminal: a live monitor may redraw. */
  readonly isLive: boolean;
  readonly columns: number;
  /** Absent where nothing is redrawn. */
  readonly rows?: number;
  /** One line (or several) and a newline. */
  print(text: string): void;
  /** To standard error. */
  complain(text: string): void;
  /** As it is, without a newline. */
  write(chunk: string | Uint8Array): void;
  /** The same, to standard error. */
  writeError(chunk: Uint8Array): void;
  /** Asks for a line; undefined where nobody can answer. */
  ask(question: string): Promise<string | undefined>;
  /** All of standard input. */
  readInput(): Promise<string>;
}

/** Resolves with the exit status. */
export type Command = (context: CommandContext, args: readonly string[], flags: Flags) => Promise<number>;

export interface CommandSpec {
  /** "job run". */
  readonly words: string;
  /** Other words for the same: "run". */
  readonly aliases?: readonly string[];
  /** One sentence. */
  readonly summary: string;
  /** "<path>"; "" where it takes none. A "?" stands behind what may be left out: "<job>?". */
  readonly args: string;
  /** What stands behind the first argument is another program's: none of it is a flag of ours. */
  readonly isSealed?: boolean;
  readonly flags: readonly FlagSpec[];
  /** Shown in the help; tried by a test. */
  readonly example?: string;
  /** The exit status of wrong usage; 1 unless a script must tell it from "there are changes". */
  readonly usageStatus?: number;
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** What the user got wrong, said in one sentence; no other output. */
export class UsageError extends Error {
  readonly status: number;

  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}
