/** Nobody answers at the address that the page came from: the agent is gone, or the network to it is. */
export class AgentUnreachable extends Error {
  constructor(address: string, options?: ErrorOptions) {
    super(`No agent answers at ${address}. What is shown may be old; the page goes on asking.`, options);
  }
}
