/** A job file that is written here: read, planned with its differences, and run as it was planned. */
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { client } from '../client/client.ts';
import { wordsOf } from '../client/words.ts';
import { Button } from '../kit/button.tsx';
import { CodeEditor, type CodeEditorHandle } from './code-editor.tsx';
import { dropDraft, readDraft, writeDraft } from './drafts.ts';
import { Planned } from './planned.tsx';
import type { PlannedJob } from './planned-job.ts';
import { ProblemList } from './problem-list.tsx';
import { problemsOf } from './problems.ts';

export interface JobEditorProps {
  /** Of the job that is edited; undefined: a new one. */
  readonly jobId: string | undefined;
  /** What stands there to begin with. */
  readonly text: string;
}

export function JobEditor({ jobId, text: initial }: JobEditorProps) {
  const name = jobId ?? '';
  const [text, setText] = useState(() => readDraft(name) ?? initial);
  const editor = useRef<CodeEditorHandle>(null);
  const navigate = useNavigate();
  const planning = useMutation({ mutationFn: planOf });
  const problems = useMemo(
    () => (planning.error ? problemsOf(wordsOf(planning.error), planning.variables) : []),
    [planning.error, planning.variables],
  );
  const write = (next: string) => {
    setText(next);
    if (next === initial) dropDraft(name);
    else writeDraft(name, next);
  };
  const run = async ({ job, plan }: PlannedJob) => {
    await client.jobs.register(job, { enforceIndex: plan.JobModifyIndex });
    dropDraft(name);
    await navigate({ to: '/jobs/$jobId', params: { jobId: String(job.ID) } });
  };
  return (
    <div className="stack">
      <CodeEditor
        ref={editor}
        name="Job file"
        text={text}
        onChange={write}
        marked={new Set(problems.flatMap(({ line }) => line ?? []))}
        onSubmit={() => planning.mutate(text)}
      />
      <div className="row">
        <Button kind="primary" disabled={planning.isPending} onClick={() => planning.mutate(text)}>
          Plan
        </Button>
        {text !== initial && <Button onClick={() => write(initial)}>Discard changes</Button>}
        <span className="soft">A plan changes nothing: it says what would happen.</span>
      </div>
      {problems.length > 0 && <ProblemList problems={problems} goTo={(line) => editor.current?.goTo(line)} />}
      {planning.data && (
        <Planned planned={planning.data} isCurrent={planning.data.text === text} jobId={jobId} run={run} />
      )}
    </div>
  );
}

async function planOf(text: string): Promise<PlannedJob> {
  const job = await client.jobs.parse(text);
  return { text, job, plan: await client.jobs.plan(job, { diff: true }) };
}
