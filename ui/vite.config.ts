/** The page's build: into dist/page/, beside the agent that serves it. */
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: '/ui/',
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    target: 'es2022',
    // A policy without data: URLs for scripts, and names that change with their content.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // Libraries for servers' rendering mark their files; here nothing is rendered elsewhere.
    rolldownOptions: { onLog: (level, log, tell) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && tell(level, log) },
  },
});
