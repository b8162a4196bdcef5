/**
 * What goes wrong between a client and an agent: nobody answers, or the agent says no.
 * Both are `SerinError`s; the status and the agent's own words are kept beside the sentence.
 */
import { type ErrorCode, SerinError } from '../lib/errors.ts';

export class ApiUnreachable extends SerinError {
  readonly address: string;

  constructor(address: string, why: string, options?: { cause?: unknown }) {
    super(
      'unavailable',
      `no agent answers at ${address} (${why}). Is \`serin agent -dev\` running? Set -address or NOMAD_ADDR.`,
      options,
    );
    this.address = address;
  }
}

export class ApiError extends SerinError {
  readonly httpStatus: number;
  /** The agent's own words. */
  readonly text: string;

  constructor(httpStatus: number, text: string) {
    super(codeOf(httpStatus), `Unexpected response code: ${httpStatus} (${text})`);
    this.httpStatus = httpStatus;
    this.text = text;
  }
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'unauthorized',
  404: 'notFound',
  405: 'methodNotAllowed',
  409: 'conflict',
  413: 'tooLarge',
  501: 'notSupported',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
};

const codeOf = (httpStatus: number): ErrorCode => CODES[httpStatus] ?? 'refused';
