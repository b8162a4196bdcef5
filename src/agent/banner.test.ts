import { expect, it } from 'vitest';
import { banner, farewell } from './banner.ts';
import { compileConfig } from './config.ts';

const config = (raw: Record<string, unknown>, isDev = false) => compileConfig({ data_dir: '/data', ...raw }, { isDev });
const ON = { enabled: true };

it('tells where the agent answers, what it is, and where its secrets are, never the secrets', () => {
  const text = banner(
    config({ server: ON, ingress: ON, auth: { token_file: '/etc/t' } }),
    'https://10.0.0.1:1',
    '1.2.3',
  );
  expect(text.split('\n').map((line) => line.trim())).toEqual([
    '==> Serin agent configuration:',
    '',
    'Version: 1.2.3',
    'Address: https://10.0.0.1:1',
    'Roles: server, ingress',
    'Region: global (DC: dc1)',
    'Data: /data',
    'Log Level: info',
    'Token: /etc/t (as NOMAD_TOKEN)',
    'Agent Token: /etc/t.agent (nodes and ingresses join with it)',
    '',
  ]);
});

it('tells where zdd.py finds marathon-lb, if anywhere', () => {
  const lines = banner(config({ ingress: { ...ON, marathon_lb: {} } }), 'http://127.0.0.1:1', '1').split('\n');
  expect(lines.map((line) => line.trim())).toContain('Marathon-lb: http://127.0.0.1:9090/haproxy?stats');
  expect(banner(config({ server: ON, ingress: { marathon_lb: {} } }), 'http://127.0.0.1:1', '1')).not.toMatch('9090');
});

it.each([
  ['server alone', config({ server: ON }), '==> The agent has stopped.'],
  [
    'node',
    config({ client: ON }),
    '==> The agent has stopped. Its tasks go on running; the next agent on /data takes them up.',
  ],
  ['ingress', config({ ingress: ON }), /Its ingress goes on running/],
  ['both', config({ client: ON, ingress: ON }), /Its tasks and ingress go on running/],
  ['-dev', config({}, true), /every task with it/],
])('at its end the agent says what it leaves running: %s', (_, given, sentence) => {
  if (typeof sentence === 'string') expect(farewell(given)).toBe(sentence);
  else expect(farewell(given)).toMatch(sentence);
});
