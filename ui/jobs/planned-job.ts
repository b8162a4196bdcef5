/** What was planned, with the text that it was planned for. */
import type { PlanView } from '../../src/api/views.ts';
import type { JobRequest } from '../../src/model/job.ts';

export interface PlannedJob {
  readonly text: string;
  readonly job: JobRequest;
  readonly plan: PlanView;
}
