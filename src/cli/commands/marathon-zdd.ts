/** `marathon zdd`: a blue/green deployment of two apps, with zdd.py's options and labels. */
import type { MarathonAppView } from '../../api/marathon-views.ts';
import { MarathonProblem } from '../../marathon/problems.ts';
import {
  coloursOf,
  nextColour,
  readZddDefinition,
  type ZddDefinition,
  ZddFieldMissing,
} from '../../marathon/zdd-app.ts';
import { nextStep, type ZddGoal } from '../../marathon/zdd-step.ts';
import { UsageError } from '../command.ts';
import { marathonJson } from '../format/marathon-json.ts';
import { type MarathonContext, marathonCommand } from '../marathon.ts';
import { readDocument } from '../marathon-input.ts';
import { driveZdd, failing, healthyOf, type ZddRun } from '../zdd/drive.ts';
import { readZddOptions, wrong, type ZddOptions, ZddStatus } from '../zdd/options.ts';

export const command = marathonCommand(async (context, _, flags) => {
  const options = readZddOptions(flags);
  const definition = read(await readDocument(context, options.file, 'app'));
  if (options.newInstances >= definition.instances) {
    throw wrong(`-new-instances ${options.newInstances} must be less than the app's ${definition.instances} instances`);
  }
  const colours = coloursOf(definition, await failing(context, ZddStatus.read, context.marathon.apps()));
  if (colours.length > 2)
    throw new UsageError(`More than two apps are in this group: ${idsOf(colours)}`, ZddStatus.unknown);
  if (colours.length === 2) return goOn(context, definition, options, colours as [MarathonAppView, MarathonAppView]);
  if (options.goesOn !== undefined && options.goesOn !== 'resume') {
    throw new UsageError(
      `There is nothing to complete: ${idsOf(colours) || 'no app'} is there alone.`,
      ZddStatus.unknown,
    );
  }
  const [alone] = colours;
  return alone !== undefined && options.goesOn === 'resume' && !isReady(alone)
    ? await waitFor(context, definition, options, alone)
    : begin(context, definition, options, alone);
});

const isReady = (app: MarathonAppView): boolean => app.deployments.length === 0 && healthyOf(app) >= app.instances;

/** The first colour was interrupted while it started. */
function waitFor(
  context: MarathonContext,
  definition: ZddDefinition,
  options: ZddOptions,
  { id, instances }: MarathonAppView,
): Promise<number> {
  const goal = goalOf(instances, instances, options);
  return finish(context, { group: definition.group, freshId: id, oldId: undefined, goal }, options);
}

function read(json: Record<string, unknown>): ZddDefinition {
  try {
    return readZddDefinition(json);
  } catch (error) {
    if (error instanceof ZddFieldMissing) throw new UsageError(error.message, ZddStatus.field);
    if (!(error instanceof MarathonProblem)) throw error;
    const problems = error.problems.map(({ path, error: what }) => `${path}: ${what}`).join('; ');
    throw wrong(`Error: ${error.message}: ${problems}`);
  }
}

const idsOf = (apps: readonly MarathonAppView[]): string => apps.map(({ id }) => id).join(', ');

async function begin(
  context: MarathonContext,
  definition: ZddDefinition,
  options: ZddOptions,
  existing: MarathonAppView | undefined,
): Promise<number> {
  const { newInstances } = options;
  const target = definition.instances;
  const share = existing !== undefined && newInstances > 0 ? newInstances : target;
  const instances = existing === undefined ? target : Math.min(options.initialInstances, share);
  const app = nextColour(definition, existing, { instances, newInstances, nowMs: context.clock.nowMs() });
  const goal = goalOf(target, share, options);
  const run = { group: definition.group, freshId: app.id, oldId: existing?.id, goal };
  if (options.isDryRun) {
    context.terminal.print(`${marathonJson(app)}\n${stepsOf(run, instances, existing?.instances)}`);
    return 0;
  }
  context.terminal.print(`Adding ${app.id}${existing ? ` beside ${existing.id}` : ''}`);
  await consent(context, options);
  await failing(context, ZddStatus.create, context.marathon.addApp(app));
  return finish(context, run, options);
}

/** Two colours are there: a deployment was interrupted, or both were to stay. */
async function goOn(
  context: MarathonContext,
  definition: ZddDefinition,
  options: ZddOptions,
  [newest, before]: readonly [MarathonAppView, MarathonAppView],
): Promise<number> {
  if (options.goesOn === undefined) {
    throw new UsageError(
      `Existing deployment in progress: ${newest.id} and ${before.id} are there. ` +
        'Go on with -resume, finish it with -complete-cur, or go back with -complete-prev.',
      ZddStatus.unknown,
    );
  }
  const target = Number(newest.labels?.HAPROXY_DEPLOYMENT_TARGET_INSTANCES) || definition.instances;
  const kept = Number(newest.labels?.HAPROXY_DEPLOYMENT_NEW_INSTANCES) || target;
  const [fresh, old] = options.goesOn === 'complete-prev' ? [before, newest] : [newest, before];
  const goal = goalOf(target, options.goesOn === 'resume' ? kept : target, options);
  const run = { group: definition.group, freshId: fresh.id, oldId: old.id, goal };
  if (options.isDryRun) {
    context.terminal.print(stepsOf(run, fresh.instances, old.instances));
    return 0;
  }
  context.terminal.print(`Going on with ${fresh.id} in place of ${old.id}`);
  await consent(context, options);
  return finish(context, run, options);
}

const goalOf = (target: number, fresh: number, { isLinear, initialInstances }: ZddOptions): ZddGoal => ({
  target,
  fresh,
  ...(isLinear && { increase: initialInstances }),
});

async function consent({ terminal }: MarathonContext, { isForced }: ZddOptions): Promise<void> {
  if (isForced) return;
  const answer = await terminal.ask('Continue? [y/N] ');
  if (answer === undefined) throw wrong('Nobody is there to say yes: give -force.');
  if (!/^y(es)?$/i.test(answer.trim())) throw new UsageError('Nothing was changed.', ZddStatus.refused);
}

async function finish(context: MarathonContext, run: ZddRun, options: ZddOptions): Promise<number> {
  await driveZdd(context, run, options);
  const { target, fresh } = run.goal;
  const kept = fresh < target ? `; ${run.oldId} keeps ${target - fresh}` : '';
  context.terminal.print(`Done: ${run.freshId} serves with ${fresh} of ${target} instances${kept}.`);
  return 0;
}

/** What would be done, if everything became healthy. */
function stepsOf({ freshId, oldId, goal }: ZddRun, instances: number, oldInstances: number | undefined): string {
  const lines: string[] = [];
  const stateOf = (count: number) => ({ instances: count, healthy: count, isDeploying: false });
  for (let [fresh, old] = [instances, oldInstances]; ; ) {
    const step = nextStep(stateOf(fresh), old === undefined ? undefined : stateOf(old), goal);
    if (step.kind === 'kill') {
      old = old! - step.count;
      lines.push(`Stop ${step.count} of ${oldId}: ${old} left`);
    } else if (step.kind === 'scale') {
      fresh = step.instances;
      lines.push(`Scale ${freshId} to ${fresh}`);
    } else {
      return [...lines, ...(step.kind === 'remove' ? [`Remove ${oldId}`] : [])].join('\n');
    }
  }
}
