/** What the checks find, and found before. A node pushes no single look: asked every 2 s while it is on screen. */
import type { AllocView, CheckView } from '../../src/api/views.ts';
import { client } from '../client/client.ts';
import { Badge, type Tone } from '../kit/badge.tsx';
import { Panel } from '../kit/panel.tsx';
import { Ago } from '../kit/time.tsx';
import { type Mark, marksOf, marksWords } from './check-marks.ts';
import { useAskedEvery } from './use-asked-every.ts';

const EVERY_MS = 2_000;

export function ChecksPanel({ alloc }: { readonly alloc: AllocView }) {
  const isRunning = alloc.ClientStatus === 'running';
  const asked = useAskedEvery(
    EVERY_MS,
    isRunning ? `checks ${alloc.ID}` : undefined,
    async () => (await client.allocations.checks(alloc.ID)).data,
  );
  const checks = Object.values(asked ?? {});
  if (checks.length === 0) return null;
  return (
    <Panel title="Checks">
      <ul className="alloc-checks">
        {checks.map((check) => (
          <OneCheck key={check.ID} check={check} />
        ))}
      </ul>
    </Panel>
  );
}

const TONES: Readonly<Record<string, Tone>> = {
  passing: 'good',
  success: 'good',
  warning: 'wait',
  pending: 'wait',
  critical: 'bad',
  failure: 'bad',
};

function OneCheck({ check }: { readonly check: CheckView }) {
  const status = check.CheckStatus ?? check.Status;
  const marks = marksOf(check.History ?? []);
  return (
    <li className="stack" style={{ gap: 4 }}>
      <div className="row">
        <h3>{check.Check}</h3>
        <Badge tone={TONES[status] ?? 'quiet'}>{status}</Badge>
        {check.Timestamp > 0 && (
          <span className="soft">
            looked <Ago ms={check.Timestamp * 1000} />
          </span>
        )}
      </div>
      {marks.length > 0 && <Marks marks={marks} />}
      {check.Output && <pre className="alloc-check-output">{check.Output}</pre>}
    </li>
  );
}

const Marks = ({ marks }: { readonly marks: readonly Mark[] }) => (
  <div className="alloc-marks" role="img" aria-label={marksWords(marks)} title={marksWords(marks)}>
    {marks.map(({ key, result }) => (
      <span key={key} data-result={result} />
    ))}
  </div>
);
