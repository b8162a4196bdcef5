/**
 * Calls over pooled connections. The client is loaded at the first call: loading it takes a tenth of a second, and most
 * agents (of `-dev`, all of them) never call another one.
 */
import type { Agent, Dispatcher } from 'undici';

export type PooledRequest = (url: string, options: RequestOptions) => Promise<Dispatcher.ResponseData>;

type RequestOptions = Omit<Dispatcher.RequestOptions, 'origin' | 'path' | 'method'> & {
  readonly method?: Dispatcher.HttpMethod;
};

/** One pool of connections for everything that is asked through what it answers. */
export function pooledRequest(options: Agent.Options = {}): PooledRequest {
  let pool: Promise<PooledRequest> | undefined;
  return async (url, requestOptions) => {
    pool ??= openPool(options);
    return (await pool)(url, requestOptions);
  };
}

async function openPool(options: Agent.Options): Promise<PooledRequest> {
  const { Agent: Pool, request } = await import('undici');
  const dispatcher = new Pool(options);
  return (url, requestOptions) => request(url, { ...requestOptions, dispatcher });
}
