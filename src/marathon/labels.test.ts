/** Every label of marathon-lb: which ways in it makes, or what is said of it. */
import { describe, expect, it } from 'vitest';
import { SECOND } from '../model/nanos.ts';
import { newApp } from './fixtures.ts';
import { labelWarnings } from './label-warnings.ts';
import { ingressOf } from './labels.ts';

const CHECK = { protocol: 'HTTP', path: '/' } as const;

function appWith(labels: Record<string, string>, fields: object = {}) {
  return newApp({ ports: [10000, 10001], labels: { HAPROXY_GROUP: 'external', ...labels }, ...fields });
}

/** "http 80 www.example.com/ tls sticky" for each way in. */
function waysIn(labels: Record<string, string>, at = 0, fields: object = {}): string[] {
  const ways = ingressOf(appWith(labels, fields), at) as Record<string, unknown>[] | null;
  return (ways ?? []).map(
    ({
      Listen,
      Mode,
      Host,
      Path,
      TLS,
      RedirectListen,
      StickyCookie,
      AllowFrom,
      HSTS,
      Balance,
      AuthRealm,
      AuthUsers,
    }) => {
      const route = Host === undefined ? '' : `${Host}${Path}`;
      const extras = [
        TLS && 'tls',
        RedirectListen && `redirect ${RedirectListen}`,
        StickyCookie,
        AllowFrom && `from ${AllowFrom}`,
        Balance,
        AuthUsers && `${AuthRealm} asks ${AuthUsers}`,
        HSTS && `hsts ${Number(HSTS) / SECOND}`,
      ];
      return [Mode, Listen, route, ...extras].filter(Boolean).join(' ');
    },
  );
}

describe('labels', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['GROUP of the app', {}, ['tcp 10000']],
    ['GROUP of no load balancer', { HAPROXY_GROUP: '' }, []],
    ['GROUP of the port', { HAPROXY_GROUP: '', HAPROXY_0_GROUP: 'internal' }, ['tcp 10000']],
    ['ENABLED', { HAPROXY_0_ENABLED: 'true' }, ['tcp 10000']],
    ['ENABLED, no', { HAPROXY_0_ENABLED: 'no' }, []],
    ['PORT', { HAPROXY_0_PORT: '9000' }, ['tcp 9000']],
    ['PORT that is none', { HAPROXY_0_PORT: 'http' }, ['tcp 10000']],
    ['MODE', { HAPROXY_0_MODE: 'http' }, ['http 10000']],
    ['VHOST', { HAPROXY_0_VHOST: 'a.com' }, ['http 10000', 'http 80 a.com/']],
    ['VHOST, several', { HAPROXY_0_VHOST: 'a.com, b.com,' }, ['http 10000', 'http 80 a.com/', 'http 80 b.com/']],
    [
      'VHOST of a port in mode tcp',
      { HAPROXY_0_VHOST: 'a.com', HAPROXY_0_MODE: 'tcp' },
      ['tcp 10000', 'http 80 a.com/'],
    ],
    ['PATH', { HAPROXY_0_VHOST: 'a.com', HAPROXY_0_PATH: '/shop' }, ['http 10000', 'http 80 a.com/shop']],
    [
      'PATH, several, with a flag',
      { HAPROXY_0_VHOST: 'a.com', HAPROXY_0_PATH: '-i /shop /cart' },
      ['http 10000', 'http 80 a.com/shop', 'http 80 a.com/cart'],
    ],
    ['PATH without a host', { HAPROXY_0_PATH: '/shop' }, ['tcp 10000']],
    [
      'STICKY',
      { HAPROXY_0_VHOST: 'a.com', HAPROXY_0_STICKY: 'yes' },
      ['http 10000 mesosphere_server_id', 'http 80 a.com/ mesosphere_server_id'],
    ],
    ['BALANCE', { HAPROXY_0_BALANCE: 'source' }, ['tcp 10000 source']],
    ['BALANCE that is none here', { HAPROXY_0_BALANCE: 'uri' }, ['tcp 10000']],
    [
      'REDIRECT_TO_HTTPS',
      { HAPROXY_0_VHOST: 'a.com', HAPROXY_0_REDIRECT_TO_HTTPS: 'T' },
      ['http 10000', 'http 443 a.com/ tls redirect 80'],
    ],
    [
      'USE_HSTS',
      { HAPROXY_0_SSL_CERT: 'x', HAPROXY_0_MODE: 'http', HAPROXY_0_USE_HSTS: 'true' },
      ['http 10000 tls hsts 15768000'],
    ],
    ['SSL_CERT', { HAPROXY_0_SSL_CERT: '/etc/ssl/cert.pem', HAPROXY_0_MODE: 'http' }, ['http 10000 tls']],
    [
      'AUTH guards the hosts',
      { HAPROXY_0_VHOST: 'a.com', HAPROXY_0_AUTH: 'My shop:bob:$6$a$b' },
      ['http 10000', 'http 80 a.com/ My shop asks bob:$6$a$b'],
    ],
    [
      'AUTH guards a service port that the hosts share',
      { HAPROXY_0_VHOST: 'a.com', HAPROXY_0_AUTH: 'x:bob:$6$a$b', HAPROXY_0_PORT: '80' },
      ['http 80 x asks bob:$6$a$b', 'http 80 a.com/ x asks bob:$6$a$b'],
    ],
    ['AUTH of another form opens no host', { HAPROXY_0_VHOST: 'a.com', HAPROXY_0_AUTH: 'user:hash' }, ['http 10000']],
    [
      'BACKEND_NETWORK_ALLOWED_ACL',
      { HAPROXY_0_BACKEND_NETWORK_ALLOWED_ACL: '10.0.0.0/8 10.1.1.1' },
      ['tcp 10000 from 10.0.0.0/8 10.1.1.1'],
    ],
  ])('%s', (_, labels, expected) => {
    expect(waysIn(labels)).toEqual(expected);
  });

  it('of an app with an HTTP check mean HTTP, unless MODE says TCP', () => {
    const check = { healthChecks: [CHECK] };
    expect(waysIn({}, 0, check)).toEqual(['http 10000']);
    expect(waysIn({}, 1, check)).toEqual(['tcp 10001']);
    expect(waysIn({ HAPROXY_0_MODE: 'tcp' }, 0, check)).toEqual(['tcp 10000']);
  });

  it('are of one port each', () => {
    const labels = { HAPROXY_1_PORT: '9001', HAPROXY_1_VHOST: 'b.com', HAPROXY_0_ENABLED: 'false' };
    expect(waysIn(labels, 0)).toEqual([]);
    expect(waysIn(labels, 1)).toEqual(['http 9001', 'http 80 b.com/']);
  });
});

describe('it is said', () => {
  const VHOST = { HAPROXY_0_VHOST: 'a.com' };

  it.each<[string, string, RegExp]>([
    ['BALANCE', 'uri', /roundrobin, leastconn and source are known.*STICKY/],
    ['BACKEND_WEIGHT', '5', /the longest path wins/],
    ['HTTP_BACKEND_PROXYPASS_PATH', '/a', /let the app answer that/],
    ['HTTP_BACKEND_REVPROXY_PATH', '/a', /let the app answer that/],
    ['HTTP_BACKEND_REDIR', '/a', /let the app answer that/],
    ['SSL_CERT', '/etc/ssl/cert.pem', /speak TLS; its certificate must be one of ingress.certificates/],
    ['BIND_ADDR', '10.0.0.1', /agent's configuration/],
    ['BIND_OPTIONS', 'accept-proxy', /agent's configuration/],
    ['BACKEND_HEALTHCHECK_PORT_INDEX', '1', /own portIndex counts/],
    ['PORT', 'http', /is no port \("http"\)/],
    ['BACKEND_HEAD', 'x', /HAProxy template/],
    ['BACKEND_STICKY_OPTIONS', 'x', /HAProxy template/],
    ['FRONTEND_HEAD', 'x', /HAProxy template/],
    ['HTTPS_FRONTEND_ACL_WITH_AUTH', 'x', /HAProxy template/],
    ['TCP_BACKEND_NETWORK_ALLOWED_ACL', 'x', /HAProxy template/],
    ['MAP_HTTP_FRONTEND_ACL', 'x', /HAProxy template/],
    ['USERLIST_HEAD', 'x', /HAProxy template/],
    ['VHOSTS', 'a.com', /no such label either/],
  ])('of HAPROXY_0_%s', (name, value, sentence) => {
    const said = labelWarnings(appWith({ ...VHOST, [`HAPROXY_0_${name}`]: value }));
    expect(said).toEqual([expect.stringMatching(sentence)]);
    expect(said[0]).toMatch(`the label HAPROXY_0_${name} `);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['a port that is not there', { HAPROXY_2_VHOST: 'a.com' }, /HAPROXY_2_… are of a port .* it has 2/],
    ['a host without a group', { HAPROXY_GROUP: '', ...VHOST }, /HAPROXY_0_VHOST opens nothing without HAPROXY_GROUP/],
    ['a redirect without a host', { HAPROXY_0_REDIRECT_TO_HTTPS: 'true' }, /needs HAPROXY_0_VHOST/],
    ['a password without a host', { HAPROXY_0_AUTH: 'a:b:c' }, /HAPROXY_0_AUTH needs HAPROXY_0_VHOST: service ports/],
    ['a path without a host', { HAPROXY_0_PATH: '/shop' }, /HAPROXY_0_PATH needs HAPROXY_0_VHOST/],
  ])('of %s', (_, labels, sentence) => {
    expect(labelWarnings(appWith(labels))).toEqual([expect.stringMatching(sentence)]);
  });

  it('nothing of labels that do what they do with marathon-lb', () => {
    const ofPort = {
      PORT: '1',
      PATH: '/a',
      MODE: 'http',
      GROUP: 'x',
      ENABLED: 'true',
      STICKY: 'true',
      BALANCE: 'leastconn',
      AUTH: 'realm:user:hash',
    };
    const ofApp = {
      ALT_PORT: '1',
      COLOUR: 'blue',
      STARTED_AT: 'x',
      TARGET_INSTANCES: '2',
      NEW_INSTANCES: '0',
      GROUP: 'web',
    };
    const labels = {
      ...VHOST,
      HAPROXY_APP_ID: 'web',
      other: 'x',
      ...Object.fromEntries(Object.entries(ofPort).map(([name, value]) => [`HAPROXY_0_${name}`, value])),
      ...Object.fromEntries(Object.entries(ofApp).map(([name, value]) => [`HAPROXY_DEPLOYMENT_${name}`, value])),
    };
    expect(labelWarnings(appWith(labels))).toEqual([]);
  });
});
