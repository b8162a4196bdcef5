/** Looks at the world with every law, at each of the moments at which one may be broken. */
import type { Allocation } from '../../src/model/allocation.ts';
import type { RoutingTable } from '../../src/model/ingress.ts';
import type { Job } from '../../src/model/job.ts';
import type { CommittedTransaction, ReadTx } from '../../src/state/types.ts';
import { Acknowledged } from './acknowledged.ts';
import { checkApps } from './apps.ts';
import { checkCounts, checkRooms } from './counts.ts';
import { CourseLaws } from './course.ts';
import { type Law, Verdicts } from './laws.ts';
import { checkEnd, checkRest } from './rest.ts';
import { checkKill, checkTable } from './traffic.ts';

export class Judge {
  readonly verdicts: Verdicts;
  readonly acknowledged = new Acknowledged();
  readonly #nowMs: () => number;
  readonly #course: CourseLaws;

  /** `startMs`: the moments of violations count from it. */
  constructor(nowMs: () => number, startMs: number, awaited: ReadonlySet<Law>) {
    this.#nowMs = nowMs;
    this.verdicts = new Verdicts(() => nowMs() - startMs, awaited);
    this.#course = new CourseLaws(this.verdicts);
  }

  personActs(): void {
    this.#course.personActs();
  }

  transaction(tx: ReadTx, transaction: CommittedTransaction): void {
    checkCounts(this.verdicts, tx, transaction, this.#nowMs());
    this.#course.look(tx, transaction, this.#nowMs());
  }

  /** Of a world of Marathon's apps. */
  apps(tx: ReadTx, transaction: CommittedTransaction): void {
    checkApps(this.verdicts, tx, transaction);
    checkRooms(this.verdicts, tx, transaction);
  }

  /** An ingress asked for its table, and was told this. */
  table(tx: ReadTx, table: RoutingTable, ingressId: string): void {
    checkTable(this.verdicts, tx, table, ingressId);
  }

  /** `byDeadline` where the drain's deadline ran out; what nobody stopped ends by itself. */
  kill(alloc: Allocation, byDeadline: boolean, reaching: { readonly id: string } | undefined): void {
    if (!byDeadline && alloc.DesiredStatus !== 'run') checkKill(this.verdicts, alloc, reaching);
  }

  rest(tx: ReadTx): void {
    checkRest(this.verdicts, tx, this.#nowMs());
  }

  /** What was acknowledged before the crash must be there after it. */
  restart(tx: ReadTx): void {
    this.acknowledged.check(this.verdicts, tx);
  }

  end(tx: ReadTx, job: Job): void {
    checkEnd(this.verdicts, tx, job);
    this.acknowledged.check(this.verdicts, tx);
  }

  /** `problem`: what is not yet as it should be. */
  endOfApps(tx: ReadTx, problem: string | undefined): void {
    this.verdicts.check('converges', problem === undefined, () => problem ?? '');
    this.acknowledged.check(this.verdicts, tx);
  }
}
