/** `version`. */
import type { Command } from '../command.ts';

export const command: Command = async ({ terminal, version }) => {
  terminal.print(`Serin v${version}`);
  return 0;
};
