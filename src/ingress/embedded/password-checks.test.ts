import { describe, expect, it } from 'vitest';
import { PasswordChecks, type PasswordVerdict } from './password-checks.ts';
import { PasswordGate } from './password-gate.ts';

/** Of "secret". */
const HASH = '$1$saltsalt$9xy1btjgzLYfb7hivXtC//';

function world() {
  const steps: (() => void)[] = [];
  const checks = new PasswordChecks((step) => steps.push(step));
  const verdicts: PasswordVerdict[] = [];
  return {
    checks,
    verdicts,
    check: (password: string) => checks.check(password, HASH, (verdict) => verdicts.push(verdict)),
    steps,
    finish: () => {
      let count = 0;
      for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
        step();
        count++;
      }
      return count;
    },
  };
}

describe('a password', () => {
  it('is looked at in steps, and the next time known at once', () => {
    const { check, finish, verdicts } = world();
    check('secret');
    check('guess');
    expect(verdicts).toEqual([]);
    expect(finish()).toBeGreaterThan(5);
    expect(verdicts).toEqual(['right', 'wrong']);
    check('secret');
    check('guess');
    expect(verdicts).toEqual(['right', 'wrong', 'right', 'wrong']);
  });

  it('that many say at the same time is looked at once', () => {
    const { check, finish, verdicts } = world();
    check('secret');
    const alone = finish();
    const other = world();
    for (let turn = 0; turn < 5; turn++) other.check('secret');
    expect(other.finish()).toBe(alone);
    expect(other.verdicts).toEqual(['right', 'right', 'right', 'right', 'right']);
    expect(verdicts).toEqual(['right']);
  });

  it('waits for a limited number of others', () => {
    const { check, verdicts } = world();
    for (let at = 0; at <= 256; at++) check(`guess ${at}`);
    expect(verdicts).toEqual(['busy']);
  });
});

describe('a gate', () => {
  const ask = (value: string | undefined): PasswordVerdict[] => {
    const { checks, finish } = world();
    const gate = new PasswordGate({ Realm: 'Shop', Users: [{ Name: 'alice', Hash: HASH }] }, checks);
    const verdicts: PasswordVerdict[] = [];
    const field = { name: 'Authorization', lower: 'authorization', value: value ?? '' };
    gate.ask(value === undefined ? [] : [field], (verdict) => verdicts.push(verdict));
    finish();
    return verdicts;
  };
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  it.each<[string, string | undefined, PasswordVerdict]>([
    ['the right one', basic('alice:secret'), 'right'],
    ['the right one, in other letters', basic('alice:secret').replace('Basic', 'bAsic'), 'right'],
    ['a wrong one', basic('alice:secre'), 'wrong'],
    ['none', basic('alice'), 'wrong'],
    ['that of nobody', basic('bob:secret'), 'wrong'],
    ['no header', undefined, 'wrong'],
    ['another scheme', 'Bearer abc', 'wrong'],
    ['no base64', 'Basic ?', 'wrong'],
  ])('takes %s', (_, value, verdict) => {
    expect(ask(value)).toEqual([verdict]);
  });
});
