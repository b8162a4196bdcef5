/** The one place where an error becomes a status and a sentence. Never a stack trace. */
import { messageOf, SerinError } from '../lib/errors.ts';

export interface HttpError {
  readonly status: number;
  readonly sentence: string;
  /** Not foreseen: the log gets it whole. */
  readonly unexpected: boolean;
}

/** Errors of the HTTP framework, by its codes. */
const FRAMEWORK: Readonly<Record<string, { readonly status: number; readonly sentence: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, sentence: 'The request body is larger than this agent accepts.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    sentence: 'The request body is not as long as its Content-Length says.',
  },
  FST_ERR_BAD_URL: { status: 400, sentence: 'The URL is not well formed: check its percent-encoding.' },
};

export function toHttpError(error: unknown): HttpError {
  if (error instanceof SerinError) {
    return { status: error.status, sentence: error.message, unexpected: error.code === 'internal' };
  }
  const known = FRAMEWORK[codeOf(error)];
  if (known !== undefined) return { ...known, unexpected: false };
  return { status: 500, sentence: `internal error: ${messageOf(error)}; see the agent's log`, unexpected: true };
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}
