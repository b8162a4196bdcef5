import { expect, it } from 'vitest';
import { parseVersion, parseVersionConstraint, satisfiesVersion, type VersionFlavour } from './version-constraint.ts';

function satisfies(version: string, constraint: string, flavour: VersionFlavour): boolean {
  const [parsed, rules] = [parseVersion(version, flavour), parseVersionConstraint(constraint, flavour)];
  if (!parsed || !rules) throw new Error('not parsed');
  return satisfiesVersion(parsed, rules, flavour);
}

it.each([
  ['1.2.3', '>= 1.2', 'version', true],
  ['1.2.3', '>= 1.2, < 1.2.3', 'version', false],
  ['v4.15.0', '> 4.4', 'version', true],
  ['1.4.9', '~> 1.4', 'version', true],
  ['2.0', '~> 1.4', 'version', false],
  ['1.5', '~> 1.4.2', 'version', false],
  ['1.4.3', '~> 1.4.2', 'version', true],
  ['1.3.0-beta1', '>= 0.6.1', 'version', false],
  ['1.3.0-beta1', '>= 0.6.1', 'semver', true],
  ['1.0.0-alpha.2', '< 1.0.0-alpha.10', 'semver', true],
  ['1.0.0', '> 1.0.0-rc.1', 'semver', true],
  ['1.0', '= 1.0.0', 'version', true],
  ['1.0.1', '!= 1.0.0', 'version', true],
  ['5.10.0-8-amd64', '>= 5', 'version', false],
  ['1.2.3+build.5', '1.2.3', 'semver', true],
] as const)('%s against %s as %s: %s', (version, constraint, flavour, expected) => {
  expect(satisfies(version, constraint, flavour)).toBe(expected);
});

it.each(['', 'x', '>=', '>= 1.x', '=> 1'])('%j is no constraint', (text) => {
  expect(parseVersionConstraint(text, 'version')).toBeUndefined();
});
