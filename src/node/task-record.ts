/**
 * What is known of one task on this node, and what must outlive the agent of it: its state in the wire's words, its
 * start and its restarts. `TaskRunner` is the only one that writes here, each step of the task's life by its own verb:
 *
 *   pending ──started──▶ running ──ended──▶ pending (restarting, after its policy's delay)
 *      └─────────────────────────── died ──────────────────────────▶ dead
 */
import type { ExitResult, TaskHandle } from '../drivers/driver.ts';
import type { Clock } from '../lib/clock.ts';
import type { TaskState } from '../model/allocation.ts';
import { timestampOf } from '../model/nanos.ts';
import { NO_RESTARTS, type RestartHistory } from './restart-policy.ts';
import * as events from './task-events.ts';

export interface SavedTask {
  readonly state: TaskState;
  /** The id of the start that runs or is being made. */
  readonly startId: string | null;
  readonly handle: TaskHandle | null;
  readonly history: RestartHistory;
  /** Ended so that it begins anew, and has not yet: it waits for its turn as if it had never run. */
  readonly rewound?: boolean;
}

export class TaskRecord {
  readonly #clock: Clock;
  readonly #changed: () => void;
  #state: TaskState;
  #startId: string | null;
  #handle: TaskHandle | null;
  #history: RestartHistory;
  #rewound: boolean;

  /** `changed` is called after every event. */
  constructor(saved: SavedTask | undefined, clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
    this.#state = saved?.state ?? NEW_STATE;
    this.#startId = saved?.startId ?? null;
    this.#handle = saved?.handle ?? null;
    this.#history = saved?.history ?? NO_RESTARTS;
    this.#rewound = saved?.rewound ?? false;
  }

  get state(): TaskState {
    return this.#state;
  }

  get startId(): string | undefined {
    return this.#startId ?? undefined;
  }

  get handle(): TaskHandle | undefined {
    return this.#handle ?? undefined;
  }

  get history(): RestartHistory {
    return this.#history;
  }

  get isRunning(): boolean {
    return this.#state.State === 'running';
  }

  get isDead(): boolean {
    return this.#state.State === 'dead';
  }

  /** What a driver can be asked to end. */
  get runningHandle(): TaskHandle | undefined {
    return this.isRunning ? this.handle : undefined;
  }

  /** It has run since its turn came. */
  get hasStarted(): boolean {
    return this.#state.StartedAt !== null && !this.#rewound;
  }

  /** It runs, ran, or may have been started by an agent that could not write down more. */
  get hasBegun(): boolean {
    return this.hasStarted || this.#startId !== null;
  }

  saved(): SavedTask {
    const [state, startId, handle, history] = [this.#state, this.#startId, this.#handle, this.#history];
    return { state, startId, handle, history, ...(this.#rewound && { rewound: true }) };
  }

  note(event: events.NewTaskEvent): void {
    const all = [...this.#state.Events, events.at(event, this.#clock.nowMs())];
    this.#set({ Events: all.slice(-events.MAX_EVENTS) });
    this.#changed();
  }

  /** A driver is about to be asked. */
  starting(startId: string): void {
    this.#startId = startId;
  }

  notStarted(): void {
    this.#startId = null;
  }

  started(handle: TaskHandle): void {
    this.#handle = handle;
    this.#rewound = false;
    this.#set({ State: 'running', StartedAt: timestampOf(this.#clock.nowMs()), FinishedAt: null });
    this.note(events.started);
  }

  /** What an earlier agent started; undefined: its driver knows nothing of that start. */
  found(handle: TaskHandle | undefined): void {
    this.#handle = handle ?? null;
    if (handle === undefined) this.#startId = null;
    else if (!this.isRunning) this.started(handle);
  }

  ended(result: ExitResult): void {
    this.#handle = null;
    this.#startId = null;
    this.#set({ State: 'pending', FinishedAt: timestampOf(this.#clock.nowMs()) });
    this.note(events.terminated(result));
  }

  restarting(delayMs: number, reason: string, history = this.#history): void {
    this.#history = history;
    const LastRestart = timestampOf(this.#clock.nowMs());
    this.#set({ State: 'pending', Restarts: this.#state.Restarts + 1, LastRestart });
    this.note(events.restarting(delayMs, reason));
  }

  /** Ended so that it begins anew when its turn comes. */
  endedToBeginAnew(): void {
    this.#rewound = true;
    this.restarting(0, '');
  }

  /** As if it had never run, but for what it has to tell. */
  rewind(): void {
    if (this.#rewound || this.#state.StartedAt === null) return;
    if (this.isDead) this.endedToBeginAnew();
    else this.#rewound = true;
    this.#set({ Failed: false });
  }

  died(failed: boolean): void {
    const FinishedAt = this.#state.FinishedAt ?? timestampOf(this.#clock.nowMs());
    this.#set({ State: 'dead', Failed: failed, FinishedAt });
    this.#changed();
  }

  #set(change: Partial<TaskState>): void {
    this.#state = { ...this.#state, ...change };
  }
}

const NEW_STATE: TaskState = {
  State: 'pending',
  Failed: false,
  Restarts: 0,
  LastRestart: null,
  StartedAt: null,
  FinishedAt: null,
  Events: [],
};
