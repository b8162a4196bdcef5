/** Where the agent asks for a token. It is sent as a header of every call, and kept in this tab alone. */
import { useId, useState } from 'react';
import { writeToken } from '../client/token.ts';
import { Button } from '../kit/button.tsx';
import { PageHead } from '../kit/page-head.tsx';

export function TokenForm({ wasRefused }: { readonly wasRefused: boolean }) {
  const id = useId();
  const [token, setToken] = useState('');
  return (
    <>
      <PageHead title="This agent asks for a token" />
      <form
        className="stack"
        style={{ maxWidth: 480 }}
        onSubmit={(event) => {
          event.preventDefault();
          writeToken(token.trim());
        }}
      >
        {wasRefused && (
          <p className="note" data-tone="bad" role="alert">
            The token that was typed may not do this: it must be the management token of this agent.
          </p>
        )}
        <label htmlFor={id}>The management token, as in NOMAD_TOKEN</label>
        <input
          id={id}
          className="field"
          type="password"
          autoComplete="off"
          required
          value={token}
          onChange={({ target }) => setToken(target.value)}
        />
        <div>
          <Button type="submit" kind="primary">
            Go on
          </Button>
        </div>
      </form>
    </>
  );
}
