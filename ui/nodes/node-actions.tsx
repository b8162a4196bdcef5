/** What can be done about a node: empty it, stop emptying it, place nothing new there. */
import { useState } from 'react';
import type { NodeView } from '../../src/api/views.ts';
import { client } from '../client/client.ts';
import { Confirm } from '../kit/confirm.tsx';
import { counted } from '../kit/words.ts';
import type { AllocRow } from '../live/alloc-row.ts';
import { DrainFields } from './drain-fields.tsx';
import { type DrainChoice, drainBody, drainWords, movingOf, USUAL } from './drain-words.ts';

export interface NodeActionsProps {
  readonly node: NodeView;
  /** On it; undefined: not known yet. */
  readonly allocs: readonly AllocRow[] | undefined;
}

export const NodeActions = ({ node, allocs }: NodeActionsProps) => (
  <>
    {node.DrainStrategy ? (
      <StopDrain node={node} allocs={allocs ?? []} />
    ) : (
      <>
        <Eligibility node={node} allocs={allocs ?? []} />
        <Drain node={node} allocs={allocs ?? []} />
      </>
    )}
  </>
);

type Known = { readonly node: NodeView; readonly allocs: readonly AllocRow[] };

function Drain({ node, allocs }: Known) {
  const [choice, setChoice] = useState<DrainChoice>(USUAL);
  return (
    <Confirm
      label="Drain"
      kind="danger"
      title={`Drain ${node.Name}?`}
      run={() => client.nodes.drain(node.ID, drainBody(choice))}
    >
      <DrainFields choice={choice} onChange={setChoice} />
      <ul>
        {drainWords(movingOf(allocs), choice).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </Confirm>
  );
}

function StopDrain({ node, allocs }: Known) {
  const [markEligible, setMarkEligible] = useState(true);
  const { services, batch, system } = movingOf(allocs);
  const here = services + batch + system;
  return (
    <Confirm
      label="Stop the drain"
      title={`Stop draining ${node.Name}?`}
      run={() => client.nodes.drain(node.ID, { DrainSpec: null, MarkEligible: markEligible, Meta: null })}
    >
      <p>
        {here === 0
          ? 'Nothing is left here that could stay.'
          : `${counted(here, 'instance')} that ${here === 1 ? 'is' : 'are'} still here ${here === 1 ? 'stays' : 'stay'}.`}{' '}
        What has moved does not come back.
      </p>
      <label>
        <input type="checkbox" checked={markEligible} onChange={({ target }) => setMarkEligible(target.checked)} /> New
        instances may be placed here again
      </label>
    </Confirm>
  );
}

function Eligibility({ node, allocs }: Known) {
  const isEligible = node.SchedulingEligibility === 'eligible';
  const { services, batch, system } = movingOf(allocs);
  const here = services + batch + system;
  const label = isEligible ? 'Make ineligible' : 'Make eligible';
  return (
    <Confirm
      label={label}
      title={`${label.replace('Make', 'Make this node')}?`}
      run={() => client.nodes.setEligibility(node.ID, isEligible ? 'ineligible' : 'eligible')}
    >
      <p>
        {isEligible
          ? `Nothing moves: ${counted(here, 'instance')} on ${node.Name} ${here === 1 ? 'runs' : 'run'} on. Nothing new is placed there.`
          : `Instances may be placed on ${node.Name} again; those that wait for room are tried at once.`}
      </p>
    </Confirm>
  );
}
