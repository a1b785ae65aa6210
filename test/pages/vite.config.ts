import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const stage = new URL('stage.tsx', import.meta.url).pathname;

/** The product's own page, but with the stage in the place of its program. */
const onStage: Plugin = {
  name: 'on-stage',
  transformIndexHtml: {
    order: 'pre',
    handler: (html, { server }) => html.replace('./main.tsx', server ? `/@fs${stage}` : '../test/pages/stage.tsx'),
  },
};

/** Builds the stage (the pages over a core that is played) to `out/stage`. `vite --config test/pages/vite.config.ts` serves it while one works. */
export default defineConfig({
  root: `${import.meta.dirname}/../../renderer`,
  base: './',
  plugins: [react(), onStage],
  server: { fs: { allow: ['..'] } },
  build: {
    outDir: '../out/stage',
    emptyOutDir: true,
    target: 'chrome120',
    minify: false,
    chunkSizeWarningLimit: 10_000,
  },
  logLevel: 'warn',
});
