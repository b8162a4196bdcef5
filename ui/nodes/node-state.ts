/** A node in a word: an ordered table, since one that is down may drain as well. */
import type { NodeStub } from '../../src/api/views.ts';
import type { Tone } from '../kit/badge.tsx';

export type NodeFacts = Pick<NodeStub, 'Status' | 'Drain' | 'SchedulingEligibility'>;

export interface NodeState {
  readonly word: 'down' | 'initializing' | 'disconnected' | 'draining' | 'ineligible' | 'ready';
  readonly tone: Tone;
  /** For whoever points at the word. */
  readonly about: string;
}

const RULES: readonly (NodeState & { readonly holds: (node: NodeFacts) => boolean })[] = [
  {
    word: 'down',
    tone: 'bad',
    about: 'It has not been heard of for longer than its heartbeat allows.',
    holds: ({ Status }) => Status === 'down',
  },
  {
    word: 'disconnected',
    tone: 'bad',
    about: 'It cannot be reached; its instances may still run.',
    holds: ({ Status }) => Status === 'disconnected',
  },
  {
    word: 'initializing',
    tone: 'busy',
    about: 'It has registered and has not yet said that it can run anything.',
    holds: ({ Status }) => Status === 'initializing',
  },
  { word: 'draining', tone: 'wait', about: 'Its instances move to other nodes.', holds: ({ Drain }) => Drain },
  {
    word: 'ineligible',
    tone: 'wait',
    about: 'What runs there stays; nothing new is placed.',
    holds: ({ SchedulingEligibility }) => SchedulingEligibility === 'ineligible',
  },
  { word: 'ready', tone: 'good', about: 'It runs instances and takes new ones.', holds: () => true },
];

export const NODE_WORDS = RULES.map(({ word }) => word);

export const nodeState = (node: NodeFacts): NodeState => RULES.find(({ holds }) => holds(node)) as NodeState;
