import { defineConfig } from 'vite';

/**
 * Bundles the desktop door: the shell (`--mode shell`) and its bridge (`--mode bridge`), each one CommonJS file in `out/desktop`, because a
 * sandboxed preload can load no other file. `--mode shell-node16` makes the same shell for the older Electron that the tests run.
 */
export default defineConfig(({ mode }) => ({
  ssr: { noExternal: true, external: ['electron'] },
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    ssr: true,
    target: mode === 'shell-node16' ? 'node16' : mode === 'bridge' ? 'chrome108' : 'node24',
    outDir: mode === 'shell-node16' ? 'out/desktop-node16' : 'out/desktop',
    emptyOutDir: false,
    minify: mode !== 'shell-node16',
    rolldownOptions: {
      input:
        mode === 'bridge'
          ? { bridge: 'preload/bridge.ts' }
          : { desktop: mode === 'shell-node16' ? 'test/desktop/node16.ts' : 'main/desktop.ts' },
      output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
    },
  },
}));
