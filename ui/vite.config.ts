/** The page's build: into dist/page/, beside the agent that serves it. */
import { defineConfig } from 'vite';

/** Libraries for servers' rendering mark their files, which means nothing here; how long plugins took, on any busy machine. */
const IDLE_TALK: readonly string[] = ['MODULE_LEVEL_DIRECTIVE', 'PLUGIN_TIMINGS'];

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
    rolldownOptions: { onLog: (level, log, tell) => !IDLE_TALK.includes(log.code ?? '') && tell(level, log) },
  },
});
