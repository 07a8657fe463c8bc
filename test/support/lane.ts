/** Set by vitest.config.ts for the files named *.system.test.ts, some of which are another file's tests at length. */
const isSystemLane = process.env['TEST_LANE'] === 'system';

/** What a test does in `npm test`, and what it does in `npm run test:system`. */
export const inLane = <T>(npm: T, system: T): T => (isSystemLane ? system : npm);
