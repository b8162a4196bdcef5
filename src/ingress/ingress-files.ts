/** What an ingress keeps on disk: who it is, and the last table that it knew. */
import { join } from 'node:path';
import type { NewId } from '../lib/ids.ts';
import type { RoutingTable } from '../model/ingress.ts';
import { readIfThere, writeDurably } from './durable-file.ts';

export interface IngressFiles {
  /** The same id after every restart: a lease that was owed is owed by this one. */
  identity(newId: NewId): Promise<string>;
  lastTable(): Promise<RoutingTable | undefined>;
  keepTable(table: RoutingTable): Promise<void>;
}

export function ingressFiles(dataDir: string): IngressFiles {
  const idPath = join(dataDir, 'ingress-id');
  const tablePath = join(dataDir, 'routing-table.json');
  return {
    async identity(newId) {
      const known = (await readIfThere(idPath))?.trim();
      if (known) return known;
      const id = newId();
      await writeDurably(idPath, `${id}\n`);
      return id;
    },
    async lastTable() {
      const text = await readIfThere(tablePath);
      return text === undefined ? undefined : tableOf(text);
    },
    keepTable: (table) => writeDurably(tablePath, JSON.stringify(table)),
  };
}

/** A file that is not one of ours counts as none: the server has the truth. */
function tableOf(text: string): RoutingTable | undefined {
  try {
    const table = JSON.parse(text) as RoutingTable;
    return typeof table?.Index === 'number' && Array.isArray(table.Frontends) ? table : undefined;
  } catch {
    return undefined;
  }
}
