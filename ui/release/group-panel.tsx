/** One group of a release: its steps, and its instances by version. */
import { Link } from '@tanstack/react-router';
import type { DeploymentView } from '../../src/api/views.ts';
import type { DeploymentState } from '../../src/model/deployment.ts';
import { Panel } from '../kit/panel.tsx';
import { counted } from '../kit/words.ts';
import { type Tile, TileStates } from './instances.ts';
import { type Step, stepsOf } from './steps.ts';

export interface GroupPanelProps {
  readonly name: string;
  readonly deployment: DeploymentView;
  readonly group: DeploymentState;
  readonly tiles: readonly Tile[];
}

export const GroupPanel = ({ name, deployment, group, tiles }: GroupPanelProps) => (
  <Panel title={`Group ${name}`} aside={<span className="soft">{kindOf(group)}</span>}>
    <div className="stack">
      <Steps steps={stepsOf(deployment, group, tiles)} />
      {versionsOf(tiles).map((version) => (
        <Versions key={version} version={version} tiles={tiles.filter((tile) => tile.version === version)} />
      ))}
    </div>
  </Panel>
);

function kindOf({ DesiredCanaries, IsBlueGreen, DesiredTotal }: DeploymentState): string {
  if (IsBlueGreen) return `blue/green, ${counted(DesiredTotal, 'instance')} each`;
  if (DesiredCanaries > 0) return `canary, ${DesiredCanaries} beside ${DesiredTotal}`;
  return `rolling, ${counted(DesiredTotal, 'instance')}`;
}

const WORDS: Readonly<Record<Step['state'], string>> = {
  done: 'done',
  now: 'under way',
  next: 'to come',
  broken: 'not reached',
};

const Steps = ({ steps }: { readonly steps: readonly Step[] }) => (
  <ol className="steps">
    {steps.map(({ title, detail, state }) => (
      <li key={title} data-state={state} aria-current={state === 'now' ? 'step' : undefined}>
        <strong>{title}</strong>
        <span className="visually-hidden"> ({WORDS[state]})</span>
        <span className="soft">{detail}</span>
      </li>
    ))}
  </ol>
);

const versionsOf = (tiles: readonly Tile[]): number[] => [...new Set(tiles.map(({ version }) => version))];

const Versions = ({ version, tiles }: { readonly version: number; readonly tiles: readonly Tile[] }) => (
  <div>
    <h3 className="version-title" data-version={tiles[0]?.isNew ? 'new' : 'old'}>
      Version {version} <span className="soft">{summaryOf(tiles)}</span>
    </h3>
    <ul className="tiles" aria-label={`Instances of version ${version}`}>
      {tiles.map((tile) => (
        <InstanceTile key={tile.id} tile={tile} />
      ))}
    </ul>
  </div>
);

/** "3 healthy, 1 draining". */
function summaryOf(tiles: readonly Tile[]): string {
  const states = Object.keys(TileStates).map(
    (state) => [state, tiles.filter((tile) => tile.state === state).length] as const,
  );
  return states
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
}

function InstanceTile({ tile }: { readonly tile: Tile }) {
  const { id, name, state, nodeName, isNew, isServing, isCanary, inFlight } = tile;
  return (
    <li>
      <Link
        to="/allocations/$allocId"
        params={{ allocId: id }}
        className="tile"
        data-state={state}
        data-version={isNew ? 'new' : 'old'}
        data-serving={isServing}
        title={`${id} on ${nodeName}: ${TileStates[state]}`}
      >
        <span className="tile-head">
          [{name}]{isCanary && <span className="tile-mark">canary</span>}
        </span>
        <span className="tile-state">{state}</span>
        <span className="tile-traffic">{isServing || inFlight > 0 ? `${inFlight} in flight` : 'no traffic'}</span>
      </Link>
    </li>
  );
}
