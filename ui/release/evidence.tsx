/** What the instances looked like that failed a deployment: kept with it when they are gone. */
import { Link } from '@tanstack/react-router';
import type { DeploymentView } from '../../src/api/views.ts';
import type { DeploymentEvidence } from '../../src/model/deployment.ts';
import { Panel } from '../kit/panel.tsx';
import { wholeTime } from '../kit/time.tsx';
import { shortId } from '../kit/words.ts';

export function Evidence({ deployment: { Evidence } }: { readonly deployment: DeploymentView }) {
  if (!Evidence?.length) return null;
  return (
    <Panel title="The instances that failed it">
      <div className="stack">
        {Evidence.map((instance) => (
          <Instance key={instance.AllocID} instance={instance} />
        ))}
      </div>
    </Panel>
  );
}

function Instance({ instance }: { readonly instance: DeploymentEvidence }) {
  const { AllocID, Name, NodeName, Trouble, TaskEvents, Checks, Output } = instance;
  return (
    <article className="evidence">
      <h3>
        <Link to="/allocations/$allocId" params={{ allocId: AllocID }}>
          {Name}
        </Link>{' '}
        <span className="soft">
          <span className="mono">{shortId(AllocID)}</span> on {NodeName}
        </span>
      </h3>
      <p>{Trouble}</p>
      {Checks.map((check) => (
        <p key={check.Check}>
          Check {check.Check} is {check.Status}: <code>{check.Output}</code>
        </p>
      ))}
      {Object.entries(TaskEvents).map(([task, events]) => (
        <ul key={task} aria-label={`Events of task ${task}`}>
          {events.map((event) => (
            <li key={`${event.Time} ${event.Type}`}>
              <span className="soft">{wholeTime(Number(event.Time) / 1e6)}</span> {event.Type}: {event.DisplayMessage}
            </li>
          ))}
        </ul>
      ))}
      {Object.entries(Output).flatMap(([task, { Stdout, Stderr }]) =>
        [
          ['standard error', Stderr],
          ['standard output', Stdout],
        ].map(
          ([stream, text]) =>
            text && (
              <figure key={`${task} ${stream}`}>
                <figcaption className="soft">
                  Last words of {task}, {stream}
                </figcaption>
                <pre>{text}</pre>
              </figure>
            ),
        ),
      )}
    </article>
  );
}
