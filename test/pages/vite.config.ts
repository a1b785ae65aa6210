import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Builds the stage (the pages over a core that is played) to `out/stage`. `vite --config test/pages/vite.config.ts` serves it while one works. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  build: {
    outDir: '../../out/stage',
    emptyOutDir: true,
    target: 'chrome120',
    minify: false,
    chunkSizeWarningLimit: 10_000,
    rolldownOptions: { input: `${import.meta.dirname}/stage.html` },
  },
  logLevel: 'warn',
});
