/** The script that runs in HAProxy itself, for what its rules cannot say: holding, wishes, and headers of one hop. */
import { choiceScript } from './choice-script.ts';
import { type HaproxyFiles, mapFile } from './files.ts';
import { holdScript } from './hold-script.ts';
import { HOP_SCRIPT } from './hop-script.ts';
import { MAP } from './wanted.ts';
import { WISH_SCRIPT } from './wish-script.ts';

/** `maxHeld`: how many requests may wait at a time, in each worker. */
export function luaScript(files: HaproxyFiles, maxHeld: number): string {
  const maps = [MAP.pools, MAP.holds, MAP.limits, MAP.wishes, MAP.stickies, MAP.marks];
  const opened = maps.map((map) => `local ${map} = Map.new("${mapFile(files, map)}", Map._str)`);
  return ['-- Written by Serin.', ...opened, '', choiceScript(), WISH_SCRIPT, holdScript(maxHeld), HOP_SCRIPT].join(
    '\n',
  );
}
