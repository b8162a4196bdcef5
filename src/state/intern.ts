/**
 * One copy of each text that many rows share. Rows that come from a request or from the store bring a copy of their own
 * of every node id and every "Task started by client"; over a million allocations that is most of what they weigh.
 */
import type { Allocation, TaskEvent, TaskState } from '../model/allocation.ts';

/** Then it starts afresh: rows keep what they have, and what is gone from the state does not stay here for ever. */
const MOST_TEXTS = 100_000;

export class Interner {
  readonly #texts = new Map<string, string>();

  text<T extends string | undefined>(text: T): T {
    if (text === undefined) return text;
    const known = this.#texts.get(text);
    if (known !== undefined) return known as T;
    if (this.#texts.size >= MOST_TEXTS) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }

  /** Shares the texts of a row that the store has just decoded and nobody else has seen: it is changed in place. */
  shareIn(row: Allocation): Allocation {
    row.Namespace = this.text(row.Namespace);
    row.EvalID = this.text(row.EvalID);
    row.NodeID = this.text(row.NodeID);
    row.NodeName = this.text(row.NodeName);
    row.JobID = this.text(row.JobID);
    row.TaskGroup = this.text(row.TaskGroup);
    row.DesiredStatus = this.text(row.DesiredStatus);
    row.DesiredDescription = this.text(row.DesiredDescription);
    row.ClientStatus = this.text(row.ClientStatus);
    row.ClientDescription = this.text(row.ClientDescription);
    row.DeploymentID = this.text(row.DeploymentID);
    for (const port of row.Ports) {
      port.Label = this.text(port.Label);
      port.HostIP = this.text(port.HostIP);
    }
    for (const state of Object.values(row.TaskStates ?? {})) this.#shareInState(state);
    return row;
  }

  #shareInState(state: TaskState): void {
    state.State = this.text(state.State);
    for (const event of state.Events) {
      event.Type = this.text(event.Type);
      event.DisplayMessage = this.text(event.DisplayMessage);
    }
  }

  /** A copy with shared texts. */
  taskStates(states: Record<string, TaskState> | null): Record<string, TaskState> | null {
    if (!states) return states;
    const shared: Record<string, TaskState> = {};
    for (const [name, state] of Object.entries(states)) shared[name] = this.#taskState(state);
    return shared;
  }

  #taskState(state: TaskState): TaskState {
    return { ...state, State: this.text(state.State), Events: state.Events.map((event) => this.#event(event)) };
  }

  #event(event: TaskEvent): TaskEvent {
    return { ...event, Type: this.text(event.Type), DisplayMessage: this.text(event.DisplayMessage) };
  }
}
