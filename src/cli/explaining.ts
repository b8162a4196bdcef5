/** Puts what was being done before what went wrong: "Error retrieving deployment: Unexpected response code: 404 (…)". */
import { ApiError } from '../api/api-errors.ts';
import { UsageError } from './command.ts';

/** An agent that does not answer at all says so by itself. */
export async function explaining<T>(doing: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ApiError) throw new UsageError(`${doing}: ${error.message}`);
    throw error;
  }
}
