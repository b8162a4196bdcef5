/** The datacenters that a job may use: names, or patterns with "*" for any run of characters. */

export function compileDatacenters(patterns: readonly string[]): (datacenter: string) => boolean {
  const names = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const globs = patterns.filter((pattern) => pattern.includes('*')).map(globRegExp);
  return (datacenter) => names.has(datacenter) || globs.some((glob) => glob.test(datacenter));
}

function globRegExp(pattern: string): RegExp {
  const escaped = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`);
}
