/** What one can do about a release now; each says first what it will do. */
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { DeploymentView } from '../../src/api/views.ts';
import { isDeploymentActive } from '../../src/model/deployment.ts';
import { client } from '../client/client.ts';
import { queries } from '../client/queries.ts';
import { Confirm } from '../kit/confirm.tsx';
import {
  failConsequences,
  pauseConsequences,
  promoteConsequences,
  resumeConsequences,
  revertConsequences,
  unpromoted,
  weightConsequences,
} from './consequences.ts';
import type { Tile } from './instances.ts';

export interface ActionsProps {
  readonly deployment: DeploymentView;
  readonly tiles: readonly Tile[];
}

export function Actions({ deployment, tiles }: ActionsProps) {
  const { ID, Status } = deployment;
  const isActive = isDeploymentActive(deployment);
  return (
    <>
      {isActive && unpromoted(deployment).length > 0 && <Promote deployment={deployment} tiles={tiles} />}
      {isActive && unpromoted(deployment).length > 0 && <Weigh deployment={deployment} />}
      {isActive && Status !== 'paused' && (
        <Confirm label="Pause" title="Pause the deployment?" run={() => client.deployments.pause(ID)}>
          <Sentences of={pauseConsequences()} />
        </Confirm>
      )}
      {Status === 'paused' && (
        <Confirm label="Resume" kind="primary" title="Resume the deployment?" run={() => client.deployments.resume(ID)}>
          <Sentences of={resumeConsequences()} />
        </Confirm>
      )}
      {isActive && (
        <Confirm label="Fail" kind="danger" title="Fail the deployment?" run={() => client.deployments.fail(ID)}>
          <Sentences of={failConsequences(deployment, tiles)} />
        </Confirm>
      )}
      <Revert deployment={deployment} tiles={tiles} />
    </>
  );
}

const Sentences = ({ of }: { readonly of: readonly string[] }) =>
  of.map((sentence) => <p key={sentence}>{sentence}</p>);

function Promote({ deployment, tiles }: ActionsProps) {
  const names = unpromoted(deployment);
  const [chosen, setChosen] = useState<readonly string[]>();
  const groups = (chosen ?? names).filter((name) => names.includes(name));
  return (
    <Confirm
      label="Promote"
      kind="primary"
      title="Promote the new version?"
      run={() => client.deployments.promote(deployment.ID, groups.length === names.length ? [] : groups)}
    >
      {names.length > 1 && <GroupChoice names={names} chosen={groups} onChange={setChosen} />}
      <Sentences of={promoteConsequences(deployment, groups, tiles)} />
    </Confirm>
  );
}

interface GroupChoiceProps {
  readonly names: readonly string[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

/** The last one stays: promoting none is no choice. */
const GroupChoice = ({ names, chosen, onChange }: GroupChoiceProps) => (
  <fieldset className="group-choice">
    <legend>Groups</legend>
    {names.map((name) => (
      <label key={name}>
        <input
          type="checkbox"
          checked={chosen.includes(name)}
          disabled={chosen.length === 1 && chosen[0] === name}
          onChange={({ target }) =>
            onChange(target.checked ? [...chosen, name] : chosen.filter((other) => other !== name))
          }
        />{' '}
        {name}
      </label>
    ))}
  </fieldset>
);

function Weigh({ deployment }: { readonly deployment: DeploymentView }) {
  const id = useId();
  const names = unpromoted(deployment);
  const set = Math.max(0, ...names.map((name) => deployment.TaskGroups[name]?.CanaryWeight ?? 0));
  const [percent, setPercent] = useState<number>();
  const value = percent ?? set;
  return (
    <Confirm
      label="Weight"
      title="Give the canaries another share?"
      run={async () => {
        await client.deployments.weigh(deployment.ID, value);
        setPercent(undefined);
      }}
    >
      <label htmlFor={id}>Percent of the requests for the canaries: {value}</label>
      <input
        id={id}
        type="range"
        min={0}
        max={100}
        value={value}
        onChange={({ target }) => setPercent(Number(target.value))}
      />
      <p>{weightConsequences(value, names)}</p>
    </Confirm>
  );
}

/** To the version that was stable before this one. */
function Revert({ deployment, tiles }: ActionsProps) {
  const { data } = useQuery(queries.jobVersions(deployment.JobID));
  const [newest] = data?.Versions ?? [];
  const target = data?.Versions.find(({ Version, Stable }) => Stable && Version !== newest?.Version);
  // Another version has come since: this release is history, and its job's own view reverts.
  if (!target || newest?.Version !== deployment.JobVersion) return null;
  return (
    <Confirm
      label={`Revert to version ${target.Version}`}
      title={`Revert ${deployment.JobID} to version ${target.Version}?`}
      run={() => client.jobs.revert(deployment.JobID, target.Version, { enforcePriorVersion: newest.Version })}
    >
      <Sentences of={revertConsequences(target.Version, tiles)} />
    </Confirm>
  );
}
