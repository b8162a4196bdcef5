/**
 * The ways in of a service as its tags spell them: "ingress.listen=8080", "ingress.host=www.example.com". Each
 * `ingress.listen` is one way in, and the other tags hold for all of them. Where they differ in more than the port, a
 * number tells them apart: "ingress.1.listen=80", "ingress.1.host=…", "ingress.2.listen=80".
 */
import { parseDuration } from '../lib/duration.ts';
import { RequestFields } from './request-fields.ts';

type Value = string | number | boolean;

interface TagKind {
  readonly expected: string;
  /** undefined: it cannot be read. */
  readonly read: (text: string) => Value | undefined;
}

const TEXT: TagKind = { expected: 'text', read: (text) => text };
const PORT: TagKind = { expected: 'a port', read: readNumber };
const COUNT: TagKind = { expected: 'a whole number', read: readNumber };
const DURATION: TagKind = { expected: 'a duration', read: parseDuration };
const FLAG: TagKind = { expected: 'true or false', read: (text) => FLAGS.get(text.toLowerCase()) };
const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/** The names of the `ingress` block, and their keys on the wire. */
const TAGS: Readonly<Record<string, readonly [wire: string, kind: TagKind]>> = {
  listen: ['Listen', PORT],
  host: ['Host', TEXT],
  path: ['Path', TEXT],
  mode: ['Mode', TEXT],
  tls: ['TLS', FLAG],
  redirect_listen: ['RedirectListen', PORT],
  protocol: ['Protocol', TEXT],
  send_proxy: ['SendProxy', TEXT],
  sticky: ['Sticky', TEXT],
  sticky_cookie: ['StickyCookie', TEXT],
  balance: ['Balance', TEXT],
  allow_from: ['AllowFrom', TEXT],
  auth_users: ['AuthUsers', TEXT],
  auth_realm: ['AuthRealm', TEXT],
  hsts: ['HSTS', DURATION],
  canary_header: ['CanaryHeader', TEXT],
  canary_cookie: ['CanaryCookie', TEXT],
  canary_sticky: ['CanarySticky', FLAG],
  request_timeout: ['RequestTimeout', DURATION],
  idle_timeout: ['IdleTimeout', DURATION],
  drain_deadline: ['DrainDeadline', DURATION],
  drain_policy: ['DrainPolicy', TEXT],
  hold: ['Hold', DURATION],
  hold_limit: ['HoldLimit', COUNT],
  preview_listen: ['PreviewListen', PORT],
  preview_host: ['PreviewHost', TEXT],
};

export const INGRESS_TAGS: readonly string[] = Object.keys(TAGS);

const TAG = /^ingress\.(?:(\d{1,3})\.)?([a-z_]+)=(.*)$/s;

interface Tag {
  /** "" without a number. */
  readonly number: string;
  readonly wire: string;
  readonly value: Value;
}

/** One object in the form of an `Ingress` block for each way in. */
export function ingressOfTags(service: RequestFields, tags: readonly string[]): RequestFields[] {
  const ours = tags.filter((tag) => tag.startsWith('ingress.'));
  const read = ours.flatMap((tag) => readTag(service, tag));
  const ways = waysOf(read);
  if (ours.length > 0 && !ours.some((tag) => /^ingress\.(\d{1,3}\.)?listen=/.test(tag))) {
    service.problem('Tags', 'the tags of an ingress name no port: add the tag "ingress.listen=<port>"');
  }
  return ways.map((way) => new RequestFields(way, service.path, []));
}

function readTag(service: RequestFields, tag: string): Tag[] {
  const [, number = '', name = '', text = ''] = TAG.exec(tag) ?? [];
  const known = Object.hasOwn(TAGS, name) ? TAGS[name] : undefined;
  if (known === undefined) {
    service.problem(
      'Tags',
      `the tag ${JSON.stringify(tag)} is not of the form ingress.<${INGRESS_TAGS.join('|')}>=<value>`,
    );
    return [];
  }
  const [wire, kind] = known;
  const value = kind.read(text);
  if (value !== undefined) return [{ number, wire, value }];
  service.problem('Tags', `expected ${kind.expected} in the tag "${tag}"`);
  // A way in whose port cannot be read is one all the same, or the blocks of before would come back.
  return wire === 'Listen' ? [{ number, wire, value: 0 }] : [];
}

/** What has no number holds for all. */
function waysOf(tags: readonly Tag[]): Record<string, Value>[] {
  const shared = tags.filter(({ number }) => number === '');
  const numbers = [...new Set(tags.map(({ number }) => number))].filter((number) => number !== '');
  const listens = shared.filter(({ wire }) => wire === 'Listen');
  const rest = shared.filter(({ wire }) => wire !== 'Listen');
  return [
    ...listens.map((listen) => objectOf([...rest, listen])),
    ...numbers.map((number) => objectOf([...rest, ...tags.filter((tag) => tag.number === number)])),
  ];
}

const objectOf = (tags: readonly Tag[]): Record<string, Value> =>
  Object.fromEntries(tags.map(({ wire, value }) => [wire, value]));

function readNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
