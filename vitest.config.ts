import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const SOURCES = ['src', 'ui', 'demo', 'bench', 'simulation', 'soak', 'scripts'];

/** What takes longest begins first, or the run ends with one of these and idle cores. */
const LONGEST = [
  'soak/containers',
  'soak/rolling',
  'soak/planes/updating',
  'src/drivers/podman',
  'src/ingress/haproxy/haproxy-contract',
  'src/drivers/exec',
  'src/drivers/docker',
  'soak/',
  'src/agent/',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((each) => moduleId.includes(`/${each}`) && moduleId.endsWith('.live.test.ts'));
      return at === -1 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

/** An upper bound alone: a busy machine may be ten times slower. */
const PATIENCE_MS = 180_000;

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // Vitest leaves one core to itself, which on two cores is half of the machine.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: SOURCES.map((folder) => `${folder}/**/*.test.ts`),
          exclude: ['**/*.live.test.ts', '**/node_modules/**'],
          testTimeout: PATIENCE_MS,
          hookTimeout: PATIENCE_MS,
        },
      },
      {
        test: {
          name: 'live',
          include: SOURCES.map((folder) => `${folder}/**/*.live.test.ts`),
          globalSetup: './scripts/live-program.js',
          testTimeout: PATIENCE_MS,
          hookTimeout: PATIENCE_MS,
          expect: { poll: { timeout: 60_000, interval: 20 } },
          // A failure's first line tells which request failed and how, for that line may be all that is kept of it.
          chaiConfig: { truncateThreshold: 400 },
        },
      },
    ],
  },
});
