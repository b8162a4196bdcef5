/** A job that is an app of Marathon, in Marathon's words. */
import { Link } from '@tanstack/react-router';
import type { Job } from '../../src/model/job.ts';
import { Facts } from '../kit/facts.tsx';
import { Panel } from '../kit/panel.tsx';
import { Ago } from '../kit/time.tsx';
import { appFacts, labelsOf } from './marathon-app.ts';

export const MarathonPanel = ({ job }: { readonly job: Job }) => (
  <Panel
    title="Marathon app"
    aside={
      <Link to="/jobs/$jobId/definition" params={{ jobId: job.ID }} search={{ form: 'app' }}>
        App definition
      </Link>
    }
  >
    <Facts of={{ ...appFacts(job), ...times(job) }} />
    <Labels labels={labelsOf(job)} />
  </Panel>
);

const times = ({ Marathon }: Job) => ({
  lastScalingAt: Marathon && <Ago ms={Date.parse(Marathon.LastScalingAt)} />,
  lastConfigChangeAt: Marathon && <Ago ms={Date.parse(Marathon.LastConfigChangeAt)} />,
});

const Labels = ({ labels }: { readonly labels: readonly (readonly [string, string])[] }) =>
  labels.length > 0 && (
    <>
      <h3 className="part">Labels</h3>
      <dl className="facts mono">
        {labels.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
