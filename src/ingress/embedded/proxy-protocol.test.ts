import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadMessage } from './header-fields.ts';
import { parseProxyHeader, renderProxyHeader } from './proxy-protocol.ts';

const port = fc.integer({ min: 0, max: 65535 });
const four = fc.record({ address: fc.ipV4(), port });
/** In the one spelling that the header's text has: no zeros left out, no dots. */
const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
const six = fc.record({ address: fc.array(group, { minLength: 8, maxLength: 8 }).map((all) => all.join(':')), port });
const ends = fc.oneof(fc.record({ client: four, local: four }), fc.record({ client: six, local: six }));
const version = fc.constantFrom('v1' as const, 'v2' as const);

describe('a PROXY header', () => {
  it('says who the client is, however the stream is cut, and leaves what comes after it', () => {
    fc.assert(
      fc.property(version, ends, fc.nat(120), (each, said, cut) => {
        const bytes = Buffer.concat([renderProxyHeader(each, said), Buffer.from('GET /')]);
        const before = parseProxyHeader(bytes.subarray(0, Math.min(cut, bytes.length - 6)));
        expect(before).toBeUndefined();
        const header = parseProxyHeader(bytes);
        expect(header?.ends).toEqual(said);
        expect(header?.rest?.toString()).toBe('GET /');
      }),
    );
  });

  it.each(['v1', 'v2'] as const)('of a check names nobody (%s)', (each) => {
    expect(parseProxyHeader(renderProxyHeader(each, undefined))).toEqual({ ends: undefined, rest: undefined });
  });

  it('of a load balancer that mixes families has both addresses in one', () => {
    const said = { client: { address: '::1', port: 1 }, local: { address: '127.0.0.1', port: 2 } };
    expect(renderProxyHeader('v1', said).toString()).toBe('PROXY TCP6 ::1 ::ffff:127.0.0.1 1 2\r\n');
    expect(parseProxyHeader(renderProxyHeader('v2', said))?.ends?.local.address).toBe('0:0:0:0:0:ffff:7f00:1');
  });

  it.each([
    'GET / HTTP/1.1\r\n',
    'PROXY TCP4 a b 1 2\r\n',
    'PROXY TCP4 1.2.3.4 1.2.3.4 1 70000\r\n',
    `PROXY ${'x'.repeat(120)}`,
    '\r\n\r\n\0\r\nQUIT\n\x31\x11\0\0',
  ])('that is none is refused: %j', (text) => {
    expect(() => parseProxyHeader(Buffer.from(text, 'latin1'))).toThrow(BadMessage);
  });

  it('takes any bytes without harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (tail, isSecond) => {
        const start = renderProxyHeader(isSecond ? 'v2' : 'v1', undefined).subarray(0, isSecond ? 12 : 6);
        try {
          parseProxyHeader(Buffer.concat([start, tail]));
        } catch (error) {
          expect(error).toBeInstanceOf(BadMessage);
        }
      }),
    );
  });
});
