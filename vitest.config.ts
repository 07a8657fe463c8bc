import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real processes, real disks: a slow machine needs time, never a second try.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: 0,
  },
});
