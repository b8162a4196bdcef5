import { describe, expect, it } from 'vitest';
import { nextServerState, type ServerEvent, ServerStates } from './server-state.ts';

const walk = (...events: ServerEvent[]): string => events.reduce(nextServerState, ServerStates.joining as never);

describe('a server', () => {
  it.each([
    [['check-passed'], 'ready'],
    [['check-failed', 'check-failed'], 'joining'],
    [['check-passed', 'refused'], 'unhealthy'],
    [['check-passed', 'refused', 'check-passed'], 'ready'],
    [['check-passed', 'check-failed'], 'unhealthy'],
    [['check-passed', 'drain'], 'draining'],
    [['check-passed', 'drain', 'refused'], 'draining'],
    [['check-passed', 'drain', 'emptied'], 'drained'],
    [['drain', 'emptied'], 'drained'],
    [['check-passed', 'drain', 'emptied', 'join'], 'joining'],
    [['check-passed', 'join'], 'ready'],
  ] as [ServerEvent[], string][])('after %j is %s', (events, state) => {
    expect(walk(...events)).toBe(state);
  });

  it.each([
    [['check-passed', 'drain', 'check-passed']],
    [['check-passed', 'emptied']],
    [['drain', 'emptied', 'refused']],
  ] as [ServerEvent[]][])('cannot live through %j', (events) => {
    expect(() => walk(...events)).toThrow(/cannot take/);
  });

  it('gets new requests only after a check has passed since it joined or was refused', () => {
    expect(walk('check-failed')).not.toBe('ready');
    expect(walk('check-passed', 'drain', 'join')).not.toBe('ready');
  });
});
