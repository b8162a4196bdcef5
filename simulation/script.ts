/** What a scenario plays: who does what to the world, what is looked at, and when it has come to rest. */
import type { Random } from '../src/lib/random.ts';
import type { CommittedTransaction, ReadTx } from '../src/state/types.ts';
import type { Judge } from './laws/judge.ts';
import type { World } from './world.ts';

export interface ScriptSetting {
  readonly world: World;
  readonly random: Random;
  /** For what is drawn beside all else, so that the rest of a world stays as it was. */
  readonly aside: Random;
  readonly judge: Judge;
  readonly ingresses: number;
  readonly say: (event: string) => void;
}

export interface Script {
  begin(): Promise<void>;
  /** One thing happens; nothing, where the server is down and is needed for it. */
  act(): Promise<void>;
  /** The server's process has ended; after a while there is another. */
  recover(): Promise<void>;
  /** Every fault ends, and what is wanted last is good. */
  calm(): Promise<void>;
  /** A person is present. */
  attend(): Promise<void>;
  judge(tx: ReadTx, transaction: CommittedTransaction): void;
  isSettled(tx: ReadTx): boolean;
  end(tx: ReadTx): void;
}
