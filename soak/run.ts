/** What a run of the soak is: something long that goes on where it was interrupted, and ends in a report. */

export interface SoakRun<Progress extends SoakProgress = SoakProgress> {
  readonly name: string;
  readonly title: string;
  /** How many steps there are. */
  readonly total: number;
  readonly unit: string;
  readonly start: Progress;
  /** Goes on behind the steps that are done; saves after each step; ends early when the signal aborts. */
  run(context: SoakContext<Progress>): Promise<Progress>;
  /** The figures of a finished run, as rows of a table. */
  figures(progress: Progress): readonly (readonly [string, string])[];
  /** What was done, in sentences. */
  readonly setting: readonly string[];
}

export interface SoakProgress {
  /** Steps that are done. */
  readonly done: number;
  /** What went wrong, in words; empty is the aim. */
  readonly failures: readonly string[];
}

export interface SoakContext<Progress> {
  readonly before: Progress;
  readonly signal: AbortSignal;
  /** A folder that stays until the run has ended. */
  readonly folder: string;
  save(progress: Progress): void;
}
