/** `marathon app show`: an app as it is, or as it was in an earlier version.` */
import type { MarathonApi } from '../../api/marathon.ts';
import type { Document } from '../../api/marathon-views.ts';
import { UsageError } from '../command.ts';
import { marathonJson } from '../format/marathon-json.ts';
import { marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon, terminal }, [id], flags) => {
  const version = flags.text('app-version');
  const app = version === undefined ? await marathon.app(id!) : await inVersion(marathon, id!, version);
  terminal.print(marathonJson(app));
  return 0;
});

/** "-1" is the version before the present one. */
async function inVersion(marathon: MarathonApi, id: string, version: string): Promise<Document> {
  if (!/^[+-]?\d+$/.test(version)) return marathon.version(id, version);
  if (Number(version) > 0) throw new UsageError(`Relative versions must be negative: ${version}`);
  const { id: path } = await marathon.app(id);
  const versions = await marathon.versions(id);
  const wanted = versions[-Number(version)];
  if (wanted === undefined) throw new UsageError(`Application '${path}' only has ${versions.length} version(s).`);
  return marathon.version(id, wanted);
}
