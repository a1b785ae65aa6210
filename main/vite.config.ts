import { defineConfig } from 'vite';

/**
 * Bundles each program of the core to one file in `out/`, for packaging: development runs the sources. The privileged helper stays a
 * program of its own. What cannot be bundled is native and optional (`cpu-features` of ssh2) or ships prebuilt (`@napi-rs/keyring`).
 */
export default defineConfig({
  ssr: { noExternal: true, external: ['@napi-rs/keyring', 'cpu-features'] },
  build: {
    ssr: true,
    target: 'node24',
    outDir: 'out',
    emptyOutDir: true,
    minify: false,
    rolldownOptions: {
      input: {
        cli: 'main/cli.ts',
        serve: 'main/serve.ts',
        'privileged-helper': 'main/runtimes/privileged-helper.ts',
        'core-process': 'main/core-process.ts',
      },
      external: [/\.node$/],
      output: {
        // The helper is found beside whatever file starts it.
        entryFileNames: '[name].js',
        chunkFileNames: '[name].js',
        // ssh2 looks for Windows' pagent.exe beside itself when it is loaded.
        banner: 'const __dirname = import.meta.dirname;',
      },
    },
  },
});
