/** Functions that encode, decode and hash. */
import { createHash } from 'node:crypto';
import { fail, text } from '../arguments.ts';
import { define, type PureFunction } from '../function-table.ts';
import { fromJson, isList, isMap, sortedKeys, type Value } from '../value.ts';
import { readCsv } from './csv.ts';

export const encodingFunctions: Readonly<Record<string, PureFunction>> = {
  base64decode: define('text', (args) => fromBase64(text(args, 0))),
  base64encode: define('text', (args) => Buffer.from(text(args, 0)).toString('base64')),
  csvdecode: define('text', (args, spend) => readCsv(text(args, 0), spend)),
  jsondecode: define('text', (args) => readJson(text(args, 0))),
  jsonencode: define('value', (args) => stableJson(args[0]!)),
  urlencode: define('text', (args) => urlEncode(text(args, 0))),
  md5: define('text', (args) => hash('md5', text(args, 0), 'hex')),
  sha1: define('text', (args) => hash('sha1', text(args, 0), 'hex')),
  sha256: define('text', (args) => hash('sha256', text(args, 0), 'hex')),
  sha512: define('text', (args) => hash('sha512', text(args, 0), 'hex')),
  base64sha256: define('text', (args) => hash('sha256', text(args, 0), 'base64')),
  base64sha512: define('text', (args) => hash('sha512', text(args, 0), 'base64')),
  uuidv5: define('namespace, name', (args) => uuidOf(text(args, 0), text(args, 1))),
};

const hash = (algorithm: string, value: string, encoding: 'hex' | 'base64'): string =>
  createHash(algorithm).update(value).digest(encoding);

function fromBase64(value: string): string {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') !== value.replace(/=+$/, '')) return fail(0, 'this is not base64');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return fail(0, 'the decoded bytes are not text in UTF-8');
  }
}

function readJson(value: string): Value {
  try {
    return fromJson(JSON.parse(value));
  } catch {
    return fail(0, 'this is not JSON');
  }
}

/** Keys sorted, and <, > and & escaped, as the language's other implementations print it. */
function stableJson(value: Value): string {
  if (isList(value)) return `[${value.map(stableJson).join(',')}]`;
  if (isMap(value))
    return `{${sortedKeys(value)
      .map((key) => `${stableJson(key)}:${stableJson(value.get(key)!)}`)
      .join(',')}}`;
  const json = JSON.stringify(value);
  const code = (each: string) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return json.replace(/[<>&\u2028\u2029]/g, code);
}

const urlEncode = (value: string): string =>
  encodeURIComponent(value.replace(/\p{Surrogate}/gu, '\ufffd'))
    .replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');

const NAMESPACES: Readonly<Record<string, string>> = {
  dns: '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  url: '6ba7b811-9dad-11d1-80b4-00c04fd430c8',
  oid: '6ba7b812-9dad-11d1-80b4-00c04fd430c8',
  x500: '6ba7b814-9dad-11d1-80b4-00c04fd430c8',
};

/** RFC 9562, version 5: the same name in the same namespace is always the same id. */
function uuidOf(namespace: string, name: string): string {
  const space = (Object.hasOwn(NAMESPACES, namespace) ? NAMESPACES[namespace]! : namespace).replaceAll('-', '');
  if (!/^[0-9a-f]{32}$/i.test(space)) return fail(0, 'the namespace must be dns, url, oid, x500 or a UUID');
  const bytes = createHash('sha1').update(Buffer.from(space, 'hex')).update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
