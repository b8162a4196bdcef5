// The house of docs/architecture.md as a check: a folder imports only what stands above it in this list.
const LAYERS = [
  'lib',
  'model',
  'jobspec',
  'marathon',
  'scheduler',
  'state',
  'server',
  'api',
  'drivers',
  'node',
  'ingress',
  'http',
  'cli',
  'agent',
];

/** Finer than the order: these never see each other, whatever the order would allow. */
const SEPARATE = [
  {
    from: 'scheduler',
    to: ['state', 'jobspec', 'marathon'],
    why: 'the scheduler is pure and declares the view it needs',
  },
  {
    from: 'node',
    to: ['state', 'server', 'scheduler', 'jobspec', 'marathon'],
    why: 'a node reaches the server through its connection only',
  },
  {
    from: 'drivers',
    to: ['state', 'server', 'scheduler', 'jobspec', 'marathon', 'api'],
    why: 'drivers run tasks and know nothing else',
  },
  {
    from: 'ingress',
    to: ['state', 'server', 'scheduler', 'jobspec', 'marathon', 'node', 'drivers'],
    why: 'an ingress reaches the server through the API only',
  },
  { from: 'state', to: ['scheduler', 'jobspec', 'marathon'], why: 'the state keeps rows and decides nothing' },
  { from: 'api', to: ['state', 'server', 'scheduler', 'jobspec', 'marathon'], why: 'the client knows the wire only' },
];

const path = (folders) => `^src/(${folders.join('|')})/`;

module.exports = {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'lib-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^src/lib/' },
      to: { path: '^src/(?!lib/)' },
    },
    ...LAYERS.slice(0, -1).map((layer, at) => ({
      name: `${layer}-imports-upward-only`,
      severity: 'error',
      from: { path: path([layer]) },
      to: { path: path(LAYERS.slice(at + 1)) },
    })),
    ...SEPARATE.map(({ from, to, why }) => ({
      name: `${from}-stays-apart`,
      comment: why,
      severity: 'error',
      from: { path: path([from]), pathNot: '\\.test\\.ts$' },
      to: { path: path(to) },
    })),
    {
      name: 'ui-imports-api-and-model-only',
      comment: 'the page knows the wire, and runs in a browser',
      severity: 'error',
      from: { path: '^ui/', pathNot: '\\.test\\.tsx?$|^ui/testing/' },
      to: { path: '^(src/(?!(api|model)/)|demo/|bench/|simulation/|soak/)' },
    },
    {
      name: 'src-imports-no-page',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^ui/' },
    },
    {
      name: 'src-imports-no-tooling',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(demo|bench|simulation|soak)/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node'],
    },
  },
};
