/**
 * Whether a path has a route at all: what no route answered is 405 on a path that answers other methods, else 404.
 * Asked of mistaken calls only, so it need not be quick.
 */
export function pathMatcher(paths: readonly string[]): (url: string) => boolean {
  const patterns = paths.map((path) => path.split('/'));
  return (url) => {
    const segments = url.replace(/[?#].*$/s, '').split('/');
    return patterns.some((pattern) => matches(pattern, segments));
  };
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  if (pattern.at(-1) === '*') return segments.length >= pattern.length && startsWith(pattern.slice(0, -1), segments);
  return segments.length === pattern.length && startsWith(pattern, segments);
}

const startsWith = (pattern: readonly string[], segments: readonly string[]): boolean =>
  pattern.every((part, at) => part === segments[at] || (part.startsWith(':') && segments[at] !== ''));
