/** What it waits for, with the clock that ends the wait; or how it ended, and why. */
import type { DeploymentView } from '../../src/api/views.ts';
import type { DeploymentBlocker } from '../../src/model/deployment.ts';
import { BlockerReasons } from '../../src/model/deployment.ts';
import type { ExplainedTimer, GroupExplanation } from '../../src/model/deployment-explanation.ts';
import { Panel } from '../kit/panel.tsx';
import { Countdown } from '../kit/time.tsx';

export function BlockerPanel({ deployment }: { readonly deployment: DeploymentView }) {
  const { Blocker, Explanation, StatusDescription, FailureDetail } = deployment;
  if (!Blocker) {
    return (
      <Panel title="How it ended">
        <p role="status">
          {StatusDescription}.{FailureDetail && ` ${FailureDetail}`}
        </p>
      </Panel>
    );
  }
  return (
    <Panel title="What it waits for" aside={Blocker.UntilMs && <Clock blocker={Blocker} />}>
      <div className="stack">
        <p className="blocker" role="status" title={BlockerReasons[Blocker.Reason]}>
          {Blocker.Message}
        </p>
        {Explanation?.Groups.map((group) => (
          <GroupTimer key={group.Name} group={group} />
        ))}
        {Blocker.Command && (
          <p className="soft">
            On the command line: <code>{Blocker.Command}</code>
          </p>
        )}
      </div>
    </Panel>
  );
}

const Clock = ({ blocker: { UntilMs } }: { readonly blocker: DeploymentBlocker }) => (
  <strong className="blocker-clock">{UntilMs && <Countdown untilMs={UntilMs} />}</strong>
);

function GroupTimer({ group: { Name, Timer, Traffic, Capacity } }: { readonly group: GroupExplanation }) {
  return (
    <ul className="blocker-group">
      <li>
        {Name}: <Deadline timer={Timer} />
      </li>
      {Traffic && <li>{Traffic.Message}</li>}
      {Capacity && (
        <li>
          {Capacity.Missing} without a place: {Capacity.Reasons.map(({ Message }) => Message).join('; ')}
        </li>
      )}
    </ul>
  );
}

/** The server's sentence holds the time that was left when it was asked; here it passes. */
const Deadline = ({ timer: { Message, UntilMs, Unless } }: { readonly timer: ExplainedTimer }) =>
  UntilMs && Unless ? (
    <>
      fails <Countdown untilMs={UntilMs} /> {Unless}
    </>
  ) : (
    Message
  );
