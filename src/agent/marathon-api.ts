/** Starts Marathon's face of an agent that is asked for it: a listener of its own beside the API. */
import { createMarathonServer } from '../http/marathon/marathon-server.ts';
import type { TlsMaterial } from '../lib/tls-material.ts';
import type { Server } from '../server/server.ts';
import { hostOf, isWildcard, urlHost } from './addresses.ts';
import { type ApiParts, type ApiServer, allowedHosts, tokenPolicy } from './api-server.ts';
import type { AgentConfig, MarathonConfig } from './config.ts';
import { listenFailure } from './listening.ts';

export const marathonListening = ({ bindAddress, port }: MarathonConfig) => ({
  httpAddress: bindAddress,
  httpPort: port,
  flag: '-marathon-port, or marathon { port = … }',
});

/** undefined where the configuration does not name it. */
export async function startMarathonApi(
  config: AgentConfig,
  parts: ApiParts & { readonly server: Server },
): Promise<ApiServer | undefined> {
  const { marathon } = config;
  if (!marathon) return undefined;
  const { server, tokens, tls, log, version, clock } = parts;
  const app = createMarathonServer({
    marathon: server.marathon,
    server,
    state: server.state,
    address: advertised(config, marathon),
    version,
    ...(tokens && { tokens: tokenPolicy(tokens, [], parts) }),
    ...(tls && config.tls?.isServing && { tls: { ...tls, requestCert: config.tls.verifiesClients } }),
    hosts: { allowedHosts: [...allowedHosts(config), marathon.bindAddress], allowedOrigins: [] },
    clock,
    log: log.child({ part: 'marathon' }),
  });
  try {
    await app.listen({ host: marathon.bindAddress, port: marathon.port });
  } catch (error) {
    throw listenFailure(error as NodeJS.ErrnoException, marathonListening(marathon));
  }
  return {
    address: `http${tls && config.tls?.isServing ? 's' : ''}://${advertised(config, marathon)}`,
    renew: (renewed) => (app.server as { setSecureContext?(tls: TlsMaterial): void }).setSecureContext?.(renewed),
    close: () => app.close(),
  };
}

/** As other machines reach it. */
function advertised({ advertiseHttp }: AgentConfig, { bindAddress, port }: MarathonConfig): string {
  return `${urlHost(isWildcard(bindAddress) ? hostOf(advertiseHttp) : bindAddress)}:${port}`;
}
