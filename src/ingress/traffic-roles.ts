/**
 * Who gets traffic while a version is tried, promoted, failed or taken back. Asked anew for every table and of facts
 * alone, so the traffic moves in the very transaction that promotes, fails or reverts: nobody has to be told.
 *
 *            promoted                    the next one is promoted,
 *   canary ───────────▶ stable ───────── or an older one is back ─────▶ resting
 *      │                  ▲                                                │
 *      │ failed,          └── reverted to, or nothing else is ready ───────┤
 *      └─ superseded ──────────────────────────────────────────────────────┘
 */
import { type Allocation, isDesiredTerminal } from '../model/allocation.ts';
import type { Deployment } from '../model/deployment.ts';
import { type GroupFacts, isCanary, isOnTrial, isResting } from './group-facts.ts';

export const TrafficRoles = {
  /** One of those that share what canaries do not get. */
  stable: 'stable',
  /** Gets its group's share of the requests, which may be none. */
  canary: 'canary',
  /** Gets nothing new, and stays known to every ingress: it is drained, and can be back at once. */
  resting: 'resting',
} as const;
export type TrafficRole = (typeof TrafficRoles)[keyof typeof TrafficRoles];

export interface TrafficSituation {
  readonly alloc: Allocation;
  /** The one that placed the allocation, or took it over; undefined: none, or it is forgotten. */
  readonly deployment: Deployment | undefined;
  readonly group: GroupFacts;
}

export interface RoleRule {
  readonly applies: (situation: TrafficSituation) => boolean;
  readonly role: TrafficRole;
  readonly reason: string;
}

/** The first rule that applies decides. */
const RULES: readonly RoleRule[] = [
  {
    applies: ({ alloc }) => isDesiredTerminal(alloc),
    role: 'resting',
    reason: 'it is to stop',
  },
  {
    applies: ({ alloc, deployment, group }) => isCanary(alloc, deployment) && isOnTrial(deployment, group),
    role: 'canary',
    reason: 'its version is on trial until its group is promoted',
  },
  {
    applies: ({ alloc, deployment, group }) => isCanary(alloc, deployment) && group.hasReady,
    role: 'resting',
    reason: 'its trial is over: the deployment failed, was cancelled, or a newer version took its place',
  },
  {
    applies: ({ alloc, deployment }) => isCanary(alloc, deployment),
    role: 'stable',
    reason: 'its trial is over, but nothing else of its group is ready: the last one is never taken away',
  },
  {
    // Whatever becomes of the promoted set: only a revert, or its own specification submitted again, brings it back.
    applies: ({ alloc, group }) => isResting(alloc, group),
    role: 'resting',
    reason: 'the set that was promoted after it has all of the traffic',
  },
  {
    applies: ({ alloc, group }) => group.isReverted(alloc.JobVersion),
    role: 'resting',
    reason: 'the version that was brought back has all of its instances: traffic returns first, instances follow',
  },
  { applies: () => true, role: 'stable', reason: 'it serves' },
];

export const trafficRole = (situation: TrafficSituation): RoleRule => RULES.find(({ applies }) => applies(situation))!;
