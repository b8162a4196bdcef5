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

/** The parameters of a path by a route's; undefined where it is not that route's. */
export function pathParams(route: string, path: string): Record<string, string> | undefined {
  const [pattern, segments] = [route.split('/'), path.split('/')];
  if (!matches(pattern, segments)) return undefined;
  const named = pattern.flatMap((part, at) => (part.startsWith(':') ? [[part.slice(1), segments[at] ?? '']] : []));
  try {
    return Object.fromEntries(named.map(([name, text = '']) => [name, decodeURIComponent(text)]));
  } catch {
    return undefined;
  }
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  if (pattern.at(-1) === '*') return segments.length >= pattern.length && startsWith(pattern.slice(0, -1), segments);
  return segments.length === pattern.length && startsWith(pattern, segments);
}

const startsWith = (pattern: readonly string[], segments: readonly string[]): boolean =>
  pattern.every((part, at) => part === segments[at] || (part.startsWith(':') && segments[at] !== ''));
