/** What several resources answer alike. */
import { timestampOf } from '../../model/nanos.ts';
import type { ChangeResult } from '../../server/marathon/change.ts';
import { type Answer, type JsonAnswer, json } from '../answer.ts';
import { MarathonRefusal } from './errors.ts';

/** The answer to every change that is a deployment; its id is in the header as well. */
export const changed = ({ version, deploymentId }: ChangeResult, status = 200): JsonAnswer => ({
  ...json({ version, deploymentId }, deploymentHeader(deploymentId)),
  status,
});

export const deploymentHeader = (id: string): Record<string, string> => ({ 'Marathon-Deployment-Id': id });

export const textList = (lines: readonly string[]): Answer => ({
  kind: 'text',
  status: 200,
  text: lines.map((line) => `${line}\n`).join(''),
  headers: { 'Content-Type': 'text/plain; charset=utf-8' },
});

/** A time stamp as clients write it, in the form in which versions are compared. */
export function versionText(text: string): string {
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw new MarathonRefusal(422, `Invalid timestamp provided '${text}'. Expecting ISO-8601 datetime string.`);
  return timestampOf(ms);
}

export const wantsText = (accept: string | undefined): boolean =>
  accept !== undefined && /text\/plain/.test(accept) && !/application\/json/.test(accept);
