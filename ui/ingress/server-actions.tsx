/** What can be done by hand about one instance behind a service: the buttons of `serin ingress`. */
import { useState } from 'react';
import type { PoolStanding, ServerStanding } from '../../src/model/ingress-status.ts';
import { client } from '../client/client.ts';
import { Confirm } from '../kit/confirm.tsx';
import { shortId } from '../kit/words.ts';
import { drainWords, overrideWords, readyWords, weightWords } from './service-words.ts';

export interface ServerActionsProps {
  readonly server: ServerStanding;
  readonly pool: PoolStanding;
}

export function ServerActions({ server, pool }: ServerActionsProps) {
  const id = server.AllocID;
  return (
    <span className="server-actions">
      {overrideWords(server) === '' ? (
        <Confirm
          label="Drain"
          title={`Drain instance ${shortId(id)} at the ingress?`}
          run={() => client.ingress.override(id, { Action: 'drain' })}
        >
          <Sentences of={drainWords(server, pool)} />
        </Confirm>
      ) : (
        <Confirm
          label="Ready"
          title={`Give instance ${shortId(id)} its requests again?`}
          run={() => client.ingress.override(id, { Action: 'ready' })}
        >
          <Sentences of={readyWords(server)} />
        </Confirm>
      )}
      <Weight server={server} pool={pool} />
    </span>
  );
}

function Weight({ server, pool }: ServerActionsProps) {
  const [weight, setWeight] = useState(server.Weight);
  return (
    <Confirm
      label="Weight"
      title={`Weigh instance ${shortId(server.AllocID)}?`}
      run={() => client.ingress.override(server.AllocID, { Action: 'weight', Weight: weight })}
    >
      <label>
        Percent of an ordinary instance's part{' '}
        <input
          className="field"
          type="number"
          min={0}
          max={10_000}
          required
          style={{ width: 100 }}
          value={weight}
          onChange={({ target }) => setWeight(Math.max(0, Number(target.value)))}
        />
      </label>
      <Sentences of={weightWords(server, pool, weight)} />
    </Confirm>
  );
}

const Sentences = ({ of }: { readonly of: readonly string[] }) => (
  <>
    {of.map((sentence) => (
      <p key={sentence}>{sentence}</p>
    ))}
  </>
);
