/**
 * Versions and what constraints say of them (">= 1.2, < 2", "~> 1.4"), in the two ways of job files: "version" is lenient
 * (any number of parts, a leading "v"), "semver" is strict and orders pre-releases by semver's rules.
 */

export type VersionFlavour = 'version' | 'semver';

export interface Version {
  readonly numbers: readonly number[];
  /** "" for a release. */
  readonly preRelease: string;
}

type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '~>';

interface VersionRule {
  readonly operator: Operator;
  readonly version: Version;
  /** How many numbers were written: "~> 1.4" pins the first, "~> 1.4.2" the first two. */
  readonly written: number;
}

export type VersionConstraint = readonly VersionRule[];

const LENIENT = /^v?(\d+(?:\.\d+)*)(?:-?([0-9A-Za-z][0-9A-Za-z.~-]*))?(?:\+[0-9A-Za-z.~-]+)?$/;
const STRICT = /^v?(\d+(?:\.\d+){0,2})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?$/;
const RULE = /^(=|!=|<=|>=|~>|<|>)?\s*(\S+)$/;

export function parseVersion(text: string, flavour: VersionFlavour = 'version'): Version | undefined {
  const match = (flavour === 'semver' ? STRICT : LENIENT).exec(text.trim());
  if (!match) return undefined;
  return { numbers: match[1]!.split('.').map(Number), preRelease: match[2] ?? '' };
}

/** undefined when the text is no version constraint. */
export function parseVersionConstraint(text: string, flavour: VersionFlavour): VersionConstraint | undefined {
  const rules = text.split(',').map((part) => parseRule(part.trim(), flavour));
  return rules.every((rule) => rule !== undefined) ? (rules as VersionConstraint) : undefined;
}

export function satisfiesVersion(version: Version, constraint: VersionConstraint, flavour: VersionFlavour): boolean {
  return constraint.every((rule) => {
    // The lenient way keeps pre-releases out of what was asked for as a release, unless the rule names one itself.
    if (flavour === 'version' && isForeignPreRelease(version, rule)) return false;
    return satisfiesRule(version, rule);
  });
}

function parseRule(text: string, flavour: VersionFlavour): VersionRule | undefined {
  const match = RULE.exec(text);
  const version = match?.[2] === undefined ? undefined : parseVersion(match[2], flavour);
  if (!version || (flavour === 'semver' && match?.[1] === '~>')) return undefined;
  return { operator: (match?.[1] ?? '=') as Operator, version, written: version.numbers.length };
}

function isForeignPreRelease(version: Version, rule: VersionRule): boolean {
  return version.preRelease !== '' && rule.version.preRelease === '' && rule.operator !== '!=';
}

function satisfiesRule(version: Version, rule: VersionRule): boolean {
  const order = compareVersions(version, rule.version);
  switch (rule.operator) {
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '~>':
      return order >= 0 && sharesPinned(version, rule);
  }
}

function sharesPinned(version: Version, rule: VersionRule): boolean {
  const pinned = Math.max(1, rule.written - 1);
  return rule.version.numbers.slice(0, pinned).every((number, at) => (version.numbers[at] ?? 0) === number);
}

/** Negative, zero or positive; missing numbers count as 0, a pre-release comes before its release. */
export function compareVersions(a: Version, b: Version): number {
  for (let at = 0; at < Math.max(a.numbers.length, b.numbers.length); at++) {
    const difference = (a.numbers[at] ?? 0) - (b.numbers[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePreReleases(a.preRelease, b.preRelease);
}

function comparePreReleases(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '' || b === '') return a === '' ? 1 : -1;
  const [left, right] = [a.split('.'), b.split('.')];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const difference = compareIdentifiers(left[at]!, right[at]!);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function compareIdentifiers(a: string, b: string): number {
  const [aIsNumber, bIsNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (aIsNumber && bIsNumber) return Number(a) - Number(b);
  if (aIsNumber !== bIsNumber) return aIsNumber ? -1 : 1;
  return a < b ? -1 : Number(a > b);
}
