import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** What JavaScript has gained since the older Electron of the tests comes in front of everything else. */
const withCoreJs: Plugin = {
  name: 'with-core-js',
  transform: (code, id) => (id.endsWith('/renderer/main.tsx') ? `import 'core-js/stable';\n${code}` : null),
};

/**
 * Builds the pages to `out/pages`: plain files that the browser door serves and the desktop shell loads. `--mode chrome108` makes the same
 * pages for the older Electron that the tests run, in `out/pages-chrome108`.
 */
export default defineConfig(({ mode }) => {
  const older = mode === 'chrome108';
  return {
    root: import.meta.dirname,
    base: './',
    plugins: [react(), ...(older ? [withCoreJs] : [])],
    // The door puts a fresh nonce in its place with every answer.
    html: { cspNonce: 'MIRRORFLEET_NONCE' },
    build: {
      outDir: older ? '../out/pages-chrome108' : '../out/pages',
      emptyOutDir: true,
      target: older ? 'chrome108' : 'chrome120',
      sourcemap: false,
    },
  };
});
