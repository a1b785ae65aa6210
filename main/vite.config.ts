import { defineConfig } from 'vite';

const inputs: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  core: { 'core-process': 'main/core-process.ts' },
  cli: { cli: 'main/cli.ts' },
  helper: { 'privileged-helper': 'main/runtimes/privileged-helper.ts' },
};

/**
 * Bundles the core's programs for packaging; development runs the sources. `--mode core` makes `out/core-process.js`, one file that lies in
 * the app's archive. `--mode cli` makes `out/cli`, the command line, and `--mode helper` beside it the privileged helper, built apart so that
 * it is one file and shares none with what does not run as root; the packaged Node runs both outside the archive. Native code is not
 * bundled: `@napi-rs/keyring` is shipped prebuilt beside both, and `cpu-features` of ssh2 is done without.
 */
export default defineConfig(({ mode }) => ({
  ssr: { noExternal: true, external: ['@napi-rs/keyring', 'cpu-features'] },
  build: {
    ssr: true,
    target: 'node24',
    outDir: mode === 'core' ? 'out' : 'out/cli',
    emptyOutDir: mode === 'cli',
    minify: false,
    rolldownOptions: {
      input: inputs[mode] ?? {},
      external: [/\.node$/],
      output: {
        codeSplitting: mode === 'cli',
        // What runs outside the archive has no package.json beside it that would say that it is made of modules.
        entryFileNames: mode === 'core' ? '[name].js' : '[name].mjs',
        chunkFileNames: '[name].mjs',
        // ssh2 looks for Windows' pagent.exe beside itself when it is loaded.
        banner: 'const __dirname = import.meta.dirname;',
      },
    },
  },
}));
