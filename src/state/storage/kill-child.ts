/** The process that is killed: it keeps several updates under way and prints each index once it is acknowledged. */
import { writeSync } from 'node:fs';
import { State } from '../state.ts';
import { openEmbeddedStorage } from './embedded.ts';
import { writeStep } from './kill-workload.ts';

const CONCURRENT = 8;

const state = await State.open(await openEmbeddedStorage(process.argv[2]!));

async function keepUpdating(): Promise<never> {
  for (;;) {
    const { index } = await state.update(writeStep);
    writeSync(1, `${index}\n`);
  }
}

await Promise.all(Array.from({ length: CONCURRENT }, keepUpdating));
