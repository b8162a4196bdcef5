import { describe, expect, it } from 'vitest';
import type { DeploymentView, NodeStub } from '../../api/views.ts';
import { formatDeployment } from './deployment.ts';
import { formatJsonText, pickJsonText } from './json.ts';
import { formatNodeList } from './node.ts';
import { plainStyle } from './style.ts';
import { formatKeyValues, formatList } from './table.ts';
import { renderTemplate } from './template.ts';
import { formatBytes, formatDistance, formatStamp } from './words.ts';

describe('a table', () => {
  it('pads columns with two spaces and leaves nothing behind the last one', () => {
    const text = formatList([
      ['ID', 'Status'],
      ['a1', 'running'],
      ['longer', ''],
    ]);
    expect(text).toBe('ID      Status\na1      running\nlonger  <none>');
  });

  it('counts no colours as width', () => {
    expect(
      formatList([
        ['\x1b[1mA\x1b[22m', 'B'],
        ['cc', 'd'],
      ]),
    ).toBe('\x1b[1mA\x1b[22m   B\ncc  d');
  });

  it('lines keys up', () => {
    expect(
      formatKeyValues([
        ['ID', 'web'],
        ['Status', ''],
      ]),
    ).toBe('ID     = web\nStatus = <none>');
  });
});

describe('a distance in time', () => {
  const now = 1_800_000_000_000;
  it.each([
    [0, '0s ago'],
    [5_000, '5s ago'],
    [60_000, '1m ago'],
    [66_000, '1m6s ago'],
    [609_000, '10m9s ago'],
    [3_600_000 * 25, '1d1h ago'],
    [86_400_000 * 65, '2mo5d ago'],
    [-28_000, '28s from now'],
  ])('of %i ms reads %s', (ms, text) => {
    expect(formatDistance(now - ms, now)).toBe(text);
  });
});

describe('sizes and stamps', () => {
  it.each([
    [0, '0 B'],
    [45 * 1024 ** 2, '45 MiB'],
    [1800 * 1024 ** 2, '1.8 GiB'],
    [64 * 1024 ** 3, '64 GiB'],
  ])('%i bytes read %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it('the zero time is no time', () => {
    expect(formatStamp('0001-01-01T00:00:00Z')).toBe('N/A');
    expect(formatStamp('2026-11-20T16:25:35.697270852Z')).toBe('2026-11-20T16:25:35Z');
  });
});

describe('a deployment', () => {
  const state = {
    AutoRevert: false,
    AutoPromote: false,
    ProgressDeadline: 0,
    RequireProgressBy: '',
    Promoted: false,
    PlacedCanaries: null,
    DesiredCanaries: 0,
    DesiredTotal: 6,
    PlacedAllocs: 2,
    HealthyAllocs: 0,
    UnhealthyAllocs: 0,
  };
  const deployment = {
    ID: '9e0b62bd-0000-0000-0000-000000000000',
    JobID: 'web',
    JobVersion: 1,
    Status: 'running',
    StatusDescription: 'Deployment is running',
    TaskGroups: { app: state },
  } as unknown as DeploymentView;
  const view = { nowMs: 0, verbose: false };

  it('is its figures; what it waits for stands below them, in a section of its own', () => {
    const Blocker = { Reason: 'load-balancer', Message: 'the ingress edge-1 has not acknowledged the drain' } as const;
    expect(formatDeployment({ ...deployment, Blocker }, view, plainStyle)).toBe(`ID          = 9e0b62bd
Job ID      = web
Job Version = 1
Status      = running
Description = Deployment is running

Deployed
Task Group  Desired  Placed  Healthy  Unhealthy
app         6        2       0        0`);
  });

  it('shows columns of canaries and reverts only where a group has them', () => {
    const api = { ...state, DesiredCanaries: 2, AutoRevert: true };
    const text = formatDeployment({ ...deployment, TaskGroups: { web: state, api } }, view, plainStyle);
    expect(text).toContain(`Task Group  Auto Revert  Promoted  Desired  Canaries  Placed  Healthy  Unhealthy
api         true         false     6        2         2       0        0
web         false        N/A       6        N/A       2       0        0`);
  });
});

it('a list of nodes says how many allocations run on each where that is asked for', () => {
  const node = { ID: 'n-1', Datacenter: 'dc1', Name: 'vm', NodeClass: '', Drain: false };
  const row = { ...node, SchedulingEligibility: 'eligible', Status: 'ready' } as unknown as NodeStub;
  const text = formatNodeList([row, { ...row, ID: 'n-2' }], { nowMs: 0, verbose: false }, new Map([['n-1', 3]]));
  expect(text.split('\n').map((line) => line.split(/ {2,}/).slice(-2))).toEqual([
    ['Status', 'Running Allocs'],
    ['ready', '3'],
    ['ready', '0'],
  ]);
});

describe('JSON', () => {
  it('keeps every digit of a number, and what stands in texts', () => {
    const text = '{"b":1795191332461458177,"a":["12345678901234567890",1.5,-9007199254740993]}';
    expect(formatJsonText(text)).toBe(
      '{\n    "a": [\n        "12345678901234567890",\n        1.5,\n        -9007199254740993\n    ],\n    "b": 1795191332461458177\n}',
    );
    expect(pickJsonText(text, (value) => (value as { b: unknown }).b)).toBe('1795191332461458177');
  });
});

it('JSON with long fractions is printed: their digits are no whole number', () => {
  const text = '{"Scores":{"binpack":0.06716754287712767,"tiny":1.5e-1234567890123456,"less":-0.12345678901234567}}';
  expect(JSON.parse(formatJsonText(text))).toEqual(JSON.parse(text));
});

describe('a template', () => {
  const data = [
    { ID: 'web', Job: { Stop: false, Groups: ['a', 'b'] } },
    { ID: 'api', Job: { Stop: true, Groups: [] } },
  ];
  it.each([
    ['{{range .}}{{.ID}}{{"\\n"}}{{end}}', 'web\napi\n'],
    ['{{range .}}{{println .ID}}{{end}}', 'web\napi\n'],
    ['{{range .}}{{if .Job.Stop}}-{{else}}+{{end}}{{.ID}} {{end}}', '+web -api '],
    ['{{range .}}{{with .Job}}{{len .Groups}}{{end}},{{end}}', '2,0,'],
    ['{{range .}} {{- range .Job.Groups}}<{{.}}>{{else}}none{{end -}} {{end}}', '<a><b>none'],
    ['{{range .}}{{println .ID .Job.Stop}}{{end}}', 'web false\napi true\n'],
    ['{{range .}}{{printf "%-5s|%q 5%%\\n" .ID .ID}}{{end}}', 'web  |"web" 5%\napi  |"api" 5%\n'],
    ['{{len .}} jobs{{/* all */}}', '2 jobs'],
  ])('%s', (template, text) => expect(renderTemplate(template, data)).toBe(text));

  it.each([
    ['{{range .}}{{.ID}}', /has no \{\{end\}\}/],
    ['{{end}}', /has no block to end/],
    ['{{len .}} {{.ID', /\{\{\.ID is not closed/],
    ['{{range $i, $j := .}}{{end}}', /is not understood/],
    ['{{range .}}{{.Id}}{{end}}', /there is no field \.Id; there are ID, Job/],
    ['{{.ID}}', /a list: write \{\{range \.\}\}/],
  ])('%s is refused in words', (template, words) => expect(() => renderTemplate(template, data)).toThrow(words));
});
