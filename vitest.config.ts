import { defineConfig } from 'vitest/config';

const SOURCES = ['src', 'ui', 'demo', 'bench', 'simulation', 'soak', 'scripts'];

export default defineConfig({
  test: {
    // Vitest leaves one core to itself, which on two cores is half of the machine.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: SOURCES.map((folder) => `${folder}/**/*.test.ts`),
          exclude: ['**/*.live.test.ts', '**/node_modules/**'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'live',
          include: SOURCES.map((folder) => `${folder}/**/*.live.test.ts`),
          // Upper bounds alone: a busy machine may be ten times slower.
          testTimeout: 180_000,
          hookTimeout: 180_000,
          expect: { poll: { timeout: 60_000, interval: 20 } },
        },
      },
    ],
  },
});
