import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Builds the pages to `out/pages`: plain files that the browser door serves and the desktop shell loads. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  // The door puts a fresh nonce in its place with every answer.
  html: { cspNonce: 'MIRRORFLEET_NONCE' },
  build: { outDir: '../out/pages', emptyOutDir: true, target: 'chrome120', sourcemap: false },
});
