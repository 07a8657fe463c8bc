/**
 * The version of the code that draws labels. If a change to this program changes even one dot of a label, this number
 * must be raised (test/label/renderer.test.ts).
 */
export const RENDERER = 2;

/** Version 1 ignored the Exif data of a JPEG. */
export const UPRIGHT_SINCE = 2;

/** Returns the version that draws a label again: the one that printed it, if this program knows that version. */
export function rendererFor(printed: number): number {
  return printed >= 1 && printed <= RENDERER ? printed : RENDERER;
}
