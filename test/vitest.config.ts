import { defineConfig } from 'vitest/config';
import { full } from './endurance/length.ts';

/**
 * Seven projects of one runner. `unit` runs anywhere and shares its workers (nothing there touches globals); `pages` needs a Chromium;
 * `package` builds the package and runs what is in it;
 * `integration`, `e2e`, `endurance` and `desktop` meet real programs and run inside the lab's network, one file at a time: its machines are shared.
 */
export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/boundaries.test.ts', 'test/translations.test.ts'],
          pool: 'threads',
          isolate: false,
          // A limit is there to end what hangs: the largest tables need four seconds on an idle computer, several times that on a busy one.
          expect: { poll: { timeout: 20_000 } },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'pages',
          include: ['test/pages/**/*.test.ts'],
          pool: 'forks',
          // Tabs of one browser at a time; with more, two cores draw none of them in time.
          maxConcurrency: 3,
          fileParallelism: false,
          expect: { poll: { timeout: 20_000 } },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          globalSetup: ['test/package/build-package.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          setupFiles: ['test/lab/fair-weather.ts'],
          // What is waited for is a real program; one second, the default, is less than one of them needs to start.
          expect: { poll: { timeout: 20_000 } },
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          setupFiles: ['test/lab/fair-weather.ts'],
          // What is waited for is a real program; one second, the default, is less than one of them needs to start.
          expect: { poll: { timeout: 20_000 } },
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'endurance',
          include: ['test/endurance/**/*.test.ts'],
          // What a real core keeps shows only once its memory was collected a few times, which takes minutes.
          exclude: full ? [] : ['test/endurance/watch-real.test.ts'],
          setupFiles: ['test/lab/fair-weather.ts'],
          // What is waited for is a real program; one second, the default, is less than one of them needs to start.
          expect: { poll: { timeout: 20_000 } },
          pool: 'forks',
          fileParallelism: false,
          testTimeout: full ? 3 * 3_600_000 : 600_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'desktop',
          include: ['test/desktop/**/*.test.ts'],
          globalSetup: ['test/desktop/build.ts'],
          setupFiles: ['test/lab/fair-weather.ts'],
          // What is waited for is a real program; one second, the default, is less than one of them needs to start.
          expect: { poll: { timeout: 20_000 } },
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
