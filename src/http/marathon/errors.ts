/** The one place where an error becomes what Marathon would answer: a status and a body with a message. */

import { SerinError } from '../../lib/errors.ts';
import { MarathonProblem } from '../../marathon/problems.ts';
import { AppLocked } from '../../server/marathon/change.ts';
import { MarathonConflict, MarathonNotFound } from '../../server/marathon/operations.ts';
import { toHttpError } from '../error-to-http.ts';

export interface MarathonError {
  readonly status: number;
  readonly body: object;
  readonly unexpected: boolean;
}

/** An error of the wire's own: what it says is its body. */
export class MarathonRefusal extends Error {
  override readonly name = 'MarathonRefusal';
  readonly status: number;
  readonly details: unknown;

  constructor(status: number, message: string, details?: unknown) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

export function marathonError(error: unknown): MarathonError {
  const known = knownError(error);
  if (known) return { ...known, unexpected: false };
  const { status, sentence, unexpected } = toHttpError(error);
  return { status: statusOf(error, status), body: { message: sentence }, unexpected };
}

function knownError(error: unknown): { readonly status: number; readonly body: object } | undefined {
  if (error instanceof MarathonProblem) return { status: error.status, body: error.body };
  if (error instanceof MarathonNotFound) return { status: 404, body: { message: error.message } };
  if (error instanceof MarathonConflict) return { status: 409, body: { message: error.message } };
  if (error instanceof AppLocked) {
    return { status: 409, body: { message: error.message, deployments: error.deployments.map((id) => ({ id })) } };
  }
  if (error instanceof MarathonRefusal) {
    const { message, details } = error;
    return { status: error.status, body: { message, ...(details !== undefined && { details }) } };
  }
  return undefined;
}

/** Whoever has no token is asked for one; what the server cannot do now may be tried again. */
function statusOf(error: unknown, status: number): number {
  if (!(error instanceof SerinError)) return status;
  if (error.code === 'unauthorized') return 401;
  if (error.code === 'storage') return 503;
  return error.code === 'refused' || error.code === 'invalidJob' ? 422 : status;
}
