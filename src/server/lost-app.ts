/** An app of Marathon that a registration makes an ordinary job: whoever sent it should know. */
import type { Job } from '../model/job.ts';

export function lostApp(current: Job | undefined, next: Job): string[] {
  if (!current?.Marathon || current.Stop || next.Marathon) return [];
  return [
    `job "${next.ID}" was an app of Marathon and is an ordinary job from now on: its Marathon part is missing here, so /v2 no longer knows it`,
  ];
}
