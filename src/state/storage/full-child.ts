/** Writes until the store refuses (its process may only write files up to a size), then shows that the state goes on. */
import { messageOf } from '../../lib/errors.ts';
import { alloc } from '../fixtures.ts';
import { State } from '../state.ts';
import { openEmbeddedStorage } from './embedded.ts';

const ROWS = 500;

const say = (what: unknown) => console.log(JSON.stringify(what));

const state = await State.open(await openEmbeddedStorage(process.argv[2]!), { freezeRows: true });
state.onFailure = () => say({ leadershipEnded: true });

async function fill(): Promise<{ acknowledged: number; refusal: string }> {
  for (let acknowledged = 0; ; ) {
    try {
      await state.update((tx) => {
        for (let at = 0; at < ROWS; at++) tx.putAlloc(alloc({ ID: `${tx.index}-${at}`, EvalID: `step-${tx.index}` }));
      });
      acknowledged++;
    } catch (error) {
      return { acknowledged, refusal: messageOf(error) };
    }
  }
}

const { acknowledged, refusal } = await fill();
say({ refusal });
// One turn for the state to read its store again.
await new Promise((resolve) => setTimeout(resolve, 100));
say({ acknowledged: acknowledged * ROWS, there: state.view((tx) => [...tx.allocs()].length) });
const { index } = await state.update((tx) => {
  for (const row of tx.allocsByEval('step-1')) tx.deleteAlloc(row.ID);
});
await state.close();
say({ deleted: index > acknowledged });
