/*
 * A worker runs many test files with the same modules, so a hook at the top of a shared helper would belong to the first
 * of these files only. Helpers register here what to end, and test/support/setup.ts ends it after each file.
 */

type End = () => unknown;
const ends: End[] = [];

/** Registers what to do after each test file. Helpers call this once, at their top. */
export function atFileEnd(end: End): void {
  ends.push(end);
}

/** Ends what the helpers registered, the last one first. All of them are ended even if one of them throws. */
export async function endFile(): Promise<void> {
  const errors: unknown[] = [];
  for (const end of ends.toReversed())
    try {
      await end();
    } catch (error) {
      errors.push(error);
    }
  if (errors.length > 0) throw errors[0];
}
