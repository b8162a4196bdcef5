/** What Marathon's face asks of the server. Every promise resolves only when what it says is durable. */

import { jobIdOf } from '../../marathon/app-id.ts';
import type { AppInput } from '../../marathon/app-schema.ts';
import type { DeploymentStep } from '../../marathon/deployment-plan.ts';
import { readApp, withUpdate } from '../../marathon/read-app.ts';
import type { AppState, Root } from '../../marathon/root.ts';
import { withServicePorts } from '../../marathon/service-ports.ts';
import { validateApp } from '../../marathon/validate-app.ts';
import { isTerminal } from '../../model/allocation.ts';
import { DEFAULT_NAMESPACE } from '../../model/job.ts';
import type { ReadTx } from '../../state/types.ts';
import {
  type ChangeContext,
  type ChangeRequest,
  type ChangeResult,
  cancelDeployment,
  changeRoot,
  planChange,
} from './change.ts';
import { rootOf } from './root-of.ts';
import { type ChangeOrigin, type MarathonDeployment, runningDeployments } from './rows.ts';
import { changedApp, restartedApp } from './versions.ts';

/** An app, group, task or deployment that is not there: the sentence is the wire's. */
export class MarathonNotFound extends Error {
  override readonly name = 'MarathonNotFound';
}

/** What is to be made is there already. */
export class MarathonConflict extends Error {
  override readonly name = 'MarathonConflict';
}

export interface Forced {
  readonly force: boolean;
  readonly by?: ChangeOrigin;
}

export interface PutOptions extends Forced {
  /** "create": it must not be there; "put": either; "update": it must. */
  readonly mode: 'create' | 'put' | 'update';
  /** What is not named stays as it is; else the app says only what is named. */
  readonly isPartial: boolean;
}

export class MarathonOperations {
  readonly #context: ChangeContext;

  constructor(context: ChangeContext) {
    this.#context = context;
  }

  /** Apps and groups as everybody sees them, in a view that the caller may look further in. */
  root(tx: ReadTx): Root {
    return rootOf(tx);
  }

  deployments(tx: ReadTx): readonly MarathonDeployment[] {
    return runningDeployments(tx);
  }

  /** Creates or changes apps, all in one deployment. Throws a `MarathonProblem` with everything that is wrong. */
  putApps(inputs: readonly AppInput[], { mode, isPartial, ...forced }: PutOptions): Promise<ChangeResult> {
    return this.change({
      ...forced,
      make: (root, version) => {
        const apps = new Map(root.apps);
        for (const input of inputs) {
          const state = putApp({ ...root, apps }, input, { mode, isPartial, version });
          apps.set(state.app.id, state);
        }
        return { ...root, apps };
      },
    });
  }

  removeApp(id: string, forced: Forced): Promise<ChangeResult> {
    return this.change({
      ...forced,
      make: (root) => {
        known(root, id);
        const apps = new Map(root.apps);
        apps.delete(id);
        return { ...root, apps };
      },
    });
  }

  restartApp(id: string, forced: Forced): Promise<ChangeResult> {
    return this.change({
      ...forced,
      make: (root, version) => ({ ...root, apps: new Map(root.apps).set(id, restartedApp(known(root, id), version)) }),
    });
  }

  /** Stops these allocations and takes them off the counts of their apps. */
  killAndScale(allocIds: readonly string[], forced: Forced): Promise<ChangeResult> {
    const kills = this.#context.state.view((tx) => killsOf(tx, allocIds));
    return this.change({
      ...forced,
      kills,
      make: (root, version) => {
        const apps = new Map(root.apps);
        for (const [id, allocs] of Object.entries(kills)) {
          const state = known(root, id);
          const instances = Math.max(0, state.app.instances - allocs.length);
          apps.set(id, changedApp(state, { ...state.app, instances }, version));
        }
        return { ...root, apps };
      },
    });
  }

  /** Any change of apps and groups at once. */
  change(request: ChangeRequest): Promise<ChangeResult> {
    return changeRoot(this.#context, request);
  }

  /** The steps that a change would take, without taking them. */
  planChange(request: Omit<ChangeRequest, 'force'>): readonly DeploymentStep[] {
    return this.#context.state.view((tx) => planChange(tx, this.#context, { ...request, force: true }).steps);
  }

  /** undefined: there is no such deployment. */
  cancelDeployment(id: string, options: Forced): Promise<ChangeResult | undefined> {
    return cancelDeployment(this.#context, id, options);
  }
}

/** The app as it is to be, with service ports given; refused with everything that is wrong with it. */
export function putApp(
  root: Root,
  input: AppInput,
  { mode, isPartial, version }: Pick<PutOptions, 'mode' | 'isPartial'> & { readonly version: string },
): AppState {
  const id = readApp(input).id;
  const before = root.apps.get(id);
  if (mode === 'create' && before) throw new MarathonConflict(`An app with id [${id}] already exists.`);
  if (mode === 'update' && !before) throw new MarathonNotFound(`App '${id}' does not exist`);
  const whole = before && isPartial ? withUpdate(before.app, input) : input;
  const app = readApp(whole);
  validateApp(app, whole);
  const others = [...root.apps.values()].filter(({ app: other }) => other.id !== id);
  const taken = others.flatMap(({ app: other }) => other.ports ?? []);
  return changedApp(before, withServicePorts(app, taken, before?.app), version);
}

function known(root: Root, id: string): AppState {
  const state = root.apps.get(id);
  if (!state) throw new MarathonNotFound(`App '${id}' does not exist`);
  return state;
}

function killsOf(tx: ReadTx, allocIds: readonly string[]): Record<string, string[]> {
  const kills: Record<string, string[]> = {};
  const byJob = new Map([...rootOf(tx).apps.keys()].map((id) => [jobIdOf(id), id]));
  for (const allocId of allocIds) {
    const alloc = tx.alloc(allocId);
    const app = alloc?.Namespace === DEFAULT_NAMESPACE ? byJob.get(alloc.JobID) : undefined;
    if (!alloc || app === undefined) throw new MarathonNotFound(`Task '${allocId}' does not exist`);
    // It is on its way out, and was taken off the count if somebody asked for that: nobody takes it off twice.
    if (isTerminal(alloc)) continue;
    kills[app] = [...(kills[app] ?? []), allocId];
  }
  return kills;
}
