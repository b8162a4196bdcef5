/** Version constraints: ">= 1.2, < 2.0", "~> 1.4". `version` lets a pre-release pass for its release; `semver` is strict. */

interface Version {
  readonly numbers: readonly number[];
  readonly pre: readonly string[];
}

export type VersionStyle = 'version' | 'semver';

type Comparator = (found: Version) => boolean;

const LENIENT = /^v?(\d+(?:\.\d+)*)(?:-?([0-9A-Za-z.~-]+))?(?:\+[0-9A-Za-z.~-]+)?$/;
const STRICT = /^v?(\d+\.\d+\.\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;
const PART = /^\s*(~>|>=|<=|!=|=|>|<)?\s*(\S+)\s*$/;

/** A predicate over version texts; undefined when the constraint is none. A text that is no version never passes. */
export function compileVersions(constraint: string, style: VersionStyle): ((text: string) => boolean) | undefined {
  const comparators = constraint.split(',').map((part) => compilePart(part, style));
  if (comparators.some((one) => one === undefined)) return undefined;
  return (text) => {
    const found = parseVersion(text, style === 'semver' ? STRICT : LENIENT);
    return found !== undefined && comparators.every((passes) => passes?.(found));
  };
}

function compilePart(part: string, style: VersionStyle): Comparator | undefined {
  const match = PART.exec(part);
  const wanted = match && parseVersion(match[2]!, LENIENT);
  if (!match || !wanted || (style === 'semver' && match[1] === '~>')) return undefined;
  return withPreReleases(comparator(match[1] ?? '=', wanted), wanted, style);
}

function comparator(operator: string, wanted: Version): Comparator {
  switch (operator) {
    case '!=':
      return (found) => compareVersions(found, wanted) !== 0;
    case '>':
      return (found) => compareVersions(found, wanted) > 0;
    case '>=':
      return (found) => compareVersions(found, wanted) >= 0;
    case '<':
      return (found) => compareVersions(found, wanted) < 0;
    case '<=':
      return (found) => compareVersions(found, wanted) <= 0;
    case '~>':
      return (found) => compareVersions(found, wanted) >= 0 && sharesAllButLast(found, wanted);
    default:
      return (found) => compareVersions(found, wanted) === 0;
  }
}

/** With `version`, "1.7.0-beta" passes ">= 1.6" only where the constraint names a pre-release of the same release. */
function withPreReleases(passes: Comparator, wanted: Version, style: VersionStyle): Comparator {
  if (style === 'semver') return passes;
  return (found) => {
    if (found.pre.length > 0 && wanted.pre.length === 0) return false;
    return passes(found);
  };
}

/** "~> 1.4" allows 1.x from 1.4 on, "~> 1.4.2" allows 1.4.x from 1.4.2 on. */
function sharesAllButLast(found: Version, wanted: Version): boolean {
  const fixed = Math.max(1, wanted.numbers.length - 1);
  return wanted.numbers.slice(0, fixed).every((number, at) => (found.numbers[at] ?? 0) === number);
}

function parseVersion(text: string, pattern: RegExp): Version | undefined {
  const match = pattern.exec(text.trim());
  if (!match) return undefined;
  return { numbers: match[1]!.split('.').map(Number), pre: match[2] ? match[2].split('.') : [] };
}

function compareVersions(a: Version, b: Version): number {
  for (let at = 0; at < Math.max(a.numbers.length, b.numbers.length); at++) {
    const difference = (a.numbers[at] ?? 0) - (b.numbers[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePre(a.pre, b.pre);
}

/** A release comes after its pre-releases; their parts compare as numbers where both are. */
function comparePre(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [left, right] = [a[at], b[at]];
    if (left === undefined) return -1;
    if (right === undefined) return 1;
    if (left === right) continue;
    const [leftNumber, rightNumber] = [Number(left), Number(right)];
    if (!Number.isNaN(leftNumber) && !Number.isNaN(rightNumber)) return leftNumber - rightNumber;
    if (Number.isNaN(leftNumber) !== Number.isNaN(rightNumber)) return Number.isNaN(leftNumber) ? 1 : -1;
    return left < right ? -1 : 1;
  }
  return 0;
}
