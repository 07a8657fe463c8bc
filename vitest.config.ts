import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Real processes, real disks: a slow machine needs time, never a second try.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: 0,
    // Most of the time a test waits for a process or a disk; Vitest by itself leaves one of two cores unused.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: 'npm', include: ['test/**/*.test.ts'], exclude: ['test/**/*.system.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['test/**/*.system.test.ts'],
          globalSetup: ['scripts/system-programs.mjs'],
          env: { TEST_LANE: 'system' },
        },
      },
    ],
  },
});
