/** What a handler answers, before it becomes bytes. Errors are thrown (`SerinError`), save those that carry an index. */

export interface JsonAnswer {
  readonly kind: 'json';
  readonly status: number;
  readonly value: unknown;
  readonly headers: Headers;
}

/** A list whose items are rendered while they are sent; the rows are immutable, so the view may be long over. */
export interface RowsAnswer {
  readonly kind: 'rows';
  readonly status: number;
  readonly rows: readonly unknown[];
  readonly render: (row: never) => unknown;
  readonly headers: Headers;
}

export interface TextAnswer {
  readonly kind: 'text';
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export interface EmptyAnswer {
  readonly kind: 'empty';
  readonly status: number;
  readonly headers: Headers;
}

export interface StreamAnswer {
  readonly kind: 'stream';
  readonly status: number;
  readonly chunks: AsyncIterable<string | Uint8Array>;
  readonly headers: Headers;
}

/** A file as it is, compressed or not: its headers say. */
export interface BytesAnswer {
  readonly kind: 'bytes';
  readonly status: number;
  readonly bytes: Uint8Array;
  readonly headers: Headers;
}

export type Answer = JsonAnswer | RowsAnswer | TextAnswer | EmptyAnswer | StreamAnswer | BytesAnswer;

/** The answer of a read, with the index that a blocking query waits past. */
export interface ReadAnswer {
  readonly index: number;
  readonly answer: Answer;
}

type Headers = Readonly<Record<string, string>>;

export const json = (value: unknown, headers: Headers = {}): JsonAnswer => ({
  kind: 'json',
  status: 200,
  value,
  headers,
});

export const text = (status: number, sentence: string, headers: Headers = {}): TextAnswer => ({
  kind: 'text',
  status,
  text: sentence,
  headers,
});

export const empty = (status = 200): EmptyAnswer => ({ kind: 'empty', status, headers: {} });

export const stream = (chunks: AsyncIterable<string | Uint8Array>, contentType: string): StreamAnswer => ({
  kind: 'stream',
  status: 200,
  chunks,
  headers: { 'Content-Type': contentType },
});

export const rows = <Row>(list: readonly Row[], render: (row: Row) => unknown, nextToken = ''): RowsAnswer => ({
  kind: 'rows',
  status: 200,
  rows: list,
  render,
  headers: nextToken === '' ? {} : { 'X-Nomad-NextToken': nextToken },
});

/** The answer of a write: its index is in the header as well. */
export const written = (value: object, index: number): JsonAnswer => json(value, { 'X-Nomad-Index': String(index) });

export const found = (index: number, value: unknown): ReadAnswer => ({ index, answer: json(value) });

export const missing = (index: number, sentence: string): ReadAnswer => ({ index, answer: text(404, sentence) });

/** The headers that every read of the state carries. */
export const readHeaders = (index: number): Headers => ({
  'X-Nomad-Index': String(index),
  'X-Nomad-KnownLeader': 'true',
  'X-Nomad-LastContact': '0',
});
