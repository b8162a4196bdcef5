/** `unreachableStrategy` as the block that it becomes. */
import { describe, expect, it } from 'vitest';
import { SECOND } from '../model/nanos.ts';
import type { AppInput } from './app-schema.ts';
import { jobOfApp } from './app-to-job.ts';
import { disconnectOf } from './disconnect.ts';
import { newApp } from './fixtures.ts';

const Reconcile = 'keep_original';

describe('an app', () => {
  it.each<[string, AppInput['unreachableStrategy'], object | undefined]>([
    ['that says nothing is replaced at once', undefined, undefined],
    ['of 0/0 too', { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 }, undefined],
    [
      'is replaced, and later forgotten',
      { inactiveAfterSeconds: 300, expungeAfterSeconds: 600 },
      { ReplaceAfter: 300 * SECOND, LostAfter: 600 * SECOND, Replace: true, Reconcile },
    ],
    [
      'is replaced at once and still waited for',
      { inactiveAfterSeconds: 0, expungeAfterSeconds: 600 },
      { LostAfter: 600 * SECOND, Replace: true, Reconcile },
    ],
    [
      'is forgotten when it is replaced',
      { inactiveAfterSeconds: 60, expungeAfterSeconds: 60 },
      { LostAfter: 60 * SECOND, Replace: false, Reconcile },
    ],
    ['of one time has both', { inactiveAfterSeconds: 60 }, { LostAfter: 60 * SECOND, Replace: false, Reconcile }],
    ['is never replaced', 'disabled', { LostAfter: null, Replace: false, Reconcile }],
  ])('%s', (_, unreachableStrategy, expected) => {
    expect(disconnectOf(newApp({ unreachableStrategy })).Disconnect).toEqual(expected);
  });

  it('that kills its oldest first keeps the one that stood in', () => {
    const app = newApp({ unreachableStrategy: 'disabled', killSelection: 'OLDEST_FIRST' });
    expect(disconnectOf(app).Disconnect?.Reconcile).toBe('keep_replacement');
  });

  it('says it in the group of its job', () => {
    const app = newApp({ unreachableStrategy: 'disabled' });
    const job = jobOfApp(app, { datacenters: ['*'], commandDriver: 'exec' });
    expect(job).toMatchObject({ TaskGroups: [{ Disconnect: { Replace: false } }] });
  });
});
