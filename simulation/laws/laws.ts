/**
 * The laws of a deployment, and the book in which every look at one is counted. The laws look at the world after a
 * committed transaction, at a table that an ingress applied, at a kill, at rest, after a crash and at the end; they know
 * nothing of how the scheduler decides.
 */

export const LAWS = {
  floor:
    'an update or a drain stops no healthy instance below count − max_parallel, nor the last one behind an ingress',
  surge: 'with max_surge of at least max_parallel an update stops no healthy instance below count',
  ceiling:
    'never more wanted instances than count + max(max_surge, max_parallel) + canaries, + the old set while it is warm',
  drain: 'no instance is killed while traffic can reach it, before its drain deadline',
  blocker: 'a deployment that has not ended has a timer that ends it or a named blocker',
  room: 'no node is over its capacity and no port is given twice',
  acknowledged: 'nothing acknowledged is lost: versions, counts, promotions, pauses, failures, drains survive a crash',
  converges: 'when faults end, the newest version runs in full, or its deployment has failed with a reason',
  preview: 'before its promotion no request is sent to the new set of a blue/green deployment',
  flip: 'once an ingress has applied the promotion of a blue/green deployment, nothing new is sent to the old set',
  return:
    'canaries of a deployment that failed or was reverted get nothing while another instance of their group is ready',
  share: 'while an instance of a service is ready and wanted, its backend is not left without one that has a share',
  stable: 'no automatic revert to an identical specification, nor to the same one twice in a row',
  clock: 'the clock of the progress deadline stands still while a deployment is paused',
  scale: 'a new count does not restart a deployment: its healthy instances stay, its canaries stay canaries',
  minimum: 'an upgrade of a Marathon app stops none that serves below ceil(instances × minimumHealthCapacity)',
  maximum:
    'never more instances of a Marathon app, those on their way out included, than floor(instances × (1 + maximumOverCapacity))',
  lock: 'a Marathon app is held by one deployment at a time',
} as const;
export type Law = keyof typeof LAWS;

export const LAW_NAMES = Object.keys(LAWS) as readonly Law[];

/**
 * Laws that the product does not keep in every world yet. `npm test` counts them and fails for none of them; `npm run
 * simulate` makes no exception. Empty when the product keeps them all.
 */
export const AWAITED: ReadonlySet<Law> = new Set<Law>();

export interface Violation {
  readonly law: Law;
  readonly what: string;
  readonly atMs: number;
}

/** How often each law was looked at with something at stake, and what broke one. */
export class Verdicts {
  readonly violations: Violation[] = [];
  /** Of laws that are awaited. */
  readonly awaited: Violation[] = [];
  readonly checked = new Map<Law, number>();
  readonly #nowMs: () => number;
  readonly #awaited: ReadonlySet<Law>;

  constructor(nowMs: () => number, awaited: ReadonlySet<Law>) {
    this.#nowMs = nowMs;
    this.#awaited = awaited;
  }

  /** `holds` says whether the law was kept; `what` is asked where it was not. */
  check(law: Law, holds: boolean, what: () => string): void {
    this.checked.set(law, (this.checked.get(law) ?? 0) + 1);
    if (holds) return;
    const broken = this.#awaited.has(law) ? this.awaited : this.violations;
    broken.push({ law, what: what(), atMs: this.#nowMs() });
  }
}
