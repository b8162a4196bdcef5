/** The sentence of anything that went wrong: the agent's own words where it spoke. */
import { ApiError } from '../../src/api/api-errors.ts';

export function wordsOf(error: unknown): string {
  if (error instanceof ApiError) return error.text || `The agent answered with status ${error.httpStatus}.`;
  return error instanceof Error ? error.message : String(error);
}

export const isMissing = (error: unknown): boolean => error instanceof ApiError && error.httpStatus === 404;

export const isUnauthorized = (error: unknown): boolean => error instanceof ApiError && error.httpStatus === 403;
