/**
 * The web page at /ui: files of the build, and its first document for every address below, since the page itself reads
 * the rest of the address. Nothing that it loads comes from elsewhere, and nothing inline runs.
 */
import { type Answer, text } from './answer.ts';
import type { Call, Handler, Route } from './route.ts';

export interface PageFile {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** "gzip", "br"; absent: as it is. */
  readonly encoding?: string;
}

export interface PageFiles {
  /** `path`: "assets/main-1a2b.js"; the smallest form among the encodings that the client takes. */
  read(path: string, acceptEncoding: string): Promise<PageFile | undefined>;
}

const DOCUMENT = 'index.html';
/** Their names change with what is in them. */
const LASTING = 'assets/';

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

export function pageRoutes(files: PageFiles | undefined): readonly Route[] {
  const GET: Handler = (call) => answer(files, call);
  return [
    { path: '/', GET: () => text(302, 'The page is at /ui/.', { Location: '/ui/' }) },
    { path: '/ui', GET: () => text(302, 'The page is at /ui/.', { Location: '/ui/' }) },
    { path: '/ui/*', GET },
  ];
}

async function answer(files: PageFiles | undefined, call: Call): Promise<Answer> {
  const path = call.url.replace(/[?#].*$/s, '').replace(/^\/ui\//, '');
  const accepted = String(call.headers['accept-encoding'] ?? '');
  const isLasting = path.startsWith(LASTING);
  const file = await files?.read(path || DOCUMENT, accepted);
  if (file !== undefined) return answerOf(file, isLasting);
  if (isLasting) return text(404, 'This agent has no such file; another version of it may have. Load the page again.');
  const document = await files?.read(DOCUMENT, accepted);
  return document ? answerOf(document, false) : text(404, 'This agent was built without its page.');
}

const answerOf = ({ bytes, contentType, encoding }: PageFile, isLasting: boolean): Answer => ({
  kind: 'bytes',
  status: 200,
  bytes,
  headers: {
    ...HEADERS,
    'Content-Type': contentType,
    'Cache-Control': isLasting ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...(encoding !== undefined && { 'Content-Encoding': encoding }),
  },
});
