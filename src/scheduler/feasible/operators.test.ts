import { describe, expect, it } from 'vitest';
import { compileOperator } from './operators.ts';
import { compileVersions } from './version.ts';

const holds = (left: string | undefined, operand: string, right: string) => compileOperator(operand)?.(left, right);

describe('constraint operators', () => {
  it.each<[string | undefined, string, string, boolean]>([
    ['linux', '=', 'linux', true],
    ['linux', '==', 'linux', true],
    ['linux', 'is', 'windows', false],
    [undefined, '=', 'linux', false],
    ['linux', '!=', 'windows', true],
    ['linux', '!=', 'linux', false],
    [undefined, '!=', 'linux', true],
    ['linux', 'not', 'linux', false],
    ['9', '<', '10', true],
    ['9', '>', '10', false],
    ['9', '<=', '9', true],
    ['1.5', '>=', '1.25', true],
    ['b', '>', 'a', true],
    [undefined, '>', '1', false],
    ['node-12', 'regexp', '^node-[0-9]+$', true],
    ['node', 'regexp', '^node-[0-9]+$', false],
    ['node', 'regexp', '(', false],
    ['node-12', 'not_regexp', '^node-[0-9]+$', false],
    ['node', 'not_regexp', '^node-[0-9]+$', true],
    ['a,b, c', 'set_contains', 'a,c', true],
    ['a,b', 'set_contains', 'a,c', false],
    ['a,b', 'set_contains_all', 'a', true],
    ['a,b', 'set_contains_any', 'c, b', true],
    ['a,b', 'set_contains_any', 'c', false],
    ['', 'is_set', '', true],
    [undefined, 'is_set', '', false],
    [undefined, 'is_not_set', '', true],
    ['x', 'is_not_set', '', false],
    ['1.2.3', 'version', '>= 1.2, < 2', true],
    ['1.2.3-beta', 'semver', '>= 1.2.3', false],
  ])('%s %s %s is %s', (left, operand, right, expected) => {
    expect(holds(left, operand, right)).toBe(expected);
  });

  it('knows no other operator', () => {
    expect(compileOperator('resembles')).toBeUndefined();
  });
});

describe('version constraints', () => {
  it.each<[string, string, 'version' | 'semver', boolean]>([
    ['1.2.3', '= 1.2.3', 'version', true],
    ['1.2', '1.2.0', 'version', true],
    ['v1.10.0', '> 1.9', 'version', true],
    ['1.4.9', '~> 1.4', 'version', true],
    ['2.0.0', '~> 1.4', 'version', false],
    ['1.5.0', '~> 1.4.2', 'version', false],
    ['1.4.7', '~> 1.4.2', 'version', true],
    ['1.7.0-beta', '>= 1.6', 'version', false],
    ['1.7.0-beta2', '>= 1.7.0-beta1', 'version', true],
    ['1.7.0-beta', '>= 1.6.0', 'semver', true],
    ['1.7.0-beta', '>= 1.7.0', 'semver', false],
    ['1.0.0-alpha.2', '< 1.0.0-alpha.10', 'semver', true],
    ['1.0.0-1', '< 1.0.0-alpha', 'semver', true],
    ['1.2', '>= 1.0.0', 'semver', false],
    ['20.10.7+ce', '>= 20.10.0', 'semver', true],
    ['garbage', '>= 1', 'version', false],
    ['1.2.3', '!= 1.2.4', 'version', true],
  ])('%s against "%s" (%s) is %s', (text, constraint, style, expected) => {
    expect(compileVersions(constraint, style)?.(text) ?? false).toBe(expected);
  });

  it('refuses what is no constraint', () => {
    expect(compileVersions('about 3', 'version')).toBeUndefined();
    expect(compileVersions('~> 1.2.3', 'semver')).toBeUndefined();
  });
});
