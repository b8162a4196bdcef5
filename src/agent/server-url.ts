/** "10.0.0.1:4646" or a URL, as configuration names servers. */
export const serverUrlOf = (server: string): string => (server.includes('://') ? server : `http://${server}`);
