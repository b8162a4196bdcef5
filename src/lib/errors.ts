/**
 * One registry of the errors that leave the process: code, HTTP status, whether a retry can help.
 * A message says what was wrong, where, and what to do. Nobody branches on a message's text: branch on `code`.
 */

export const ErrorCodes = {
  badRequest: {
    status: 400,
    retryable: false,
    about: 'The request is malformed: bad JSON, a missing or ill-typed field.',
  },
  unauthorized: { status: 403, retryable: false, about: 'No token, or one that may not do this.' },
  forbidden: { status: 403, retryable: false, about: 'Nobody may see that: a secret of a task, or what lies outside.' },
  foreignOrigin: {
    status: 403,
    retryable: false,
    about: 'The Origin or Host header is not one that this agent answers to.',
  },
  notFound: { status: 404, retryable: false, about: 'The named object does not exist.' },
  methodNotAllowed: { status: 405, retryable: false, about: 'The resource does not answer this HTTP method.' },
  conflict: { status: 409, retryable: false, about: 'The object changed meanwhile; read it again.' },
  tooLarge: { status: 413, retryable: false, about: 'The body is larger than the agent accepts.' },
  invalidJob: { status: 500, retryable: false, about: 'The job does not validate; every problem is listed.' },
  indexConflict: { status: 500, retryable: false, about: 'The enforced job modify index is not the current one.' },
  lookupFailed: {
    status: 500,
    retryable: false,
    about: 'An id or prefix that cannot be one (not a UUID, not hexadecimal).',
  },
  refused: { status: 500, retryable: false, about: 'The object is in a state in which this cannot be done.' },
  unavailable: { status: 503, retryable: true, about: 'The agent cannot do this now: starting, stopping, no leader.' },
  notSupported: { status: 501, retryable: false, about: 'This agent does not offer that.' },
  storage: { status: 500, retryable: true, about: 'The data directory could not be read or written.' },
  config: { status: 500, retryable: false, about: 'The configuration of the agent is wrong.' },
  driver: { status: 500, retryable: true, about: 'A task driver failed; the task event has its words.' },
  internal: { status: 500, retryable: true, about: 'A bug of Serin; the log has the details.' },
} as const;

export type ErrorCode = keyof typeof ErrorCodes;

export class SerinError extends Error {
  override readonly name = 'SerinError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  get status(): number {
    return ErrorCodes[this.code].status;
  }
}

/** The sentence of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
