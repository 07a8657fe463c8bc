import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Begins with the longest file, so that the other worker does not wait for it at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLongest = ({ moduleId }: TestSpecification): boolean => moduleId.endsWith('/torture.system.test.ts');
    // oxlint-disable-next-line unicorn/no-array-sort -- this is the method of the sequencer.
    const sorted = await super.sort(files);
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))];
  }
}

export default defineConfig({
  test: {
    // Real processes, real disks: a slow machine needs time, never a second try.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    retry: 0,
    // Tests often wait for a disk or another process, so three of them keep two cores busy.
    maxWorkers: 3,
    maxConcurrency: 3,
    // A worker loads the modules of the program once, and not again for each file.
    isolate: false,
    setupFiles: ['test/support/setup.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'npm',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.system.test.ts'],
        },
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
