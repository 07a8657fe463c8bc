import { createHash } from 'node:crypto';
import { MAX_LOGO_BYTES, MAX_LOGO_SIDE, MAX_UPLOAD_BYTES } from '../../model/labels/saved-logo.ts';
import { refusal } from '../../platform/error.ts';
import { drawPicture, openDrawing } from './draw.ts';
import { FaultyPicture, pictureRefusal } from './fault.ts';
import { readContent } from './load.ts';
import { orientationOf, upright } from './orientation.ts';
import { writeGrey } from './raster.ts';
import { lumasOf } from './tone.ts';

/** A picture for labels, as it is kept: grey pixels in a PNG, and nothing else. */
export interface RedrawnPicture {
  /** In base64. */
  png: string;
  width: number;
  height: number;
}

/** A picture that takes too many bytes is scaled by this factor until it is small enough. */
const SMALLER = 0.8;
const LEAST_SIDE = 100;

/**
 * Draws an uploaded PNG, JPEG or SVG again. Text, metadata and scripts of the file are lost. A picture is never made
 * larger, except for an SVG, which has no size of its own. Throws `template-wrong` if the picture is damaged.
 */
export async function redrawPicture(file: string, bytes: Buffer): Promise<RedrawnPicture> {
  if (bytes.length > MAX_UPLOAD_BYTES) throw refusal('template-wrong', 'pictureLarge', { file, max: MAX_UPLOAD_BYTES });
  await openDrawing();
  const read = readContent({ bytes, hash: createHash('sha256').update(bytes).digest('hex') });
  if (read instanceof FaultyPicture) throw pictureRefusal(file, read);
  const picture = upright({ file, ...read }, orientationOf(bytes));
  const isVector = !/^<svg [^>]*><image /.test(read.svg);
  const own = Math.ceil(Math.max(picture.width, picture.height));
  for (let side = isVector ? MAX_LOGO_SIDE : Math.min(own, MAX_LOGO_SIDE); ; side = Math.floor(side * SMALLER)) {
    const pixels = await drawPicture(picture, side, side);
    const png = writeGrey({ ...pixels, lumas: lumasOf(pixels) });
    if (png.length <= MAX_LOGO_BYTES)
      return { png: png.toString('base64'), width: pixels.width, height: pixels.height };
    if (side < LEAST_SIDE) throw refusal('template-wrong', 'pictureDetailed', { file, max: MAX_LOGO_BYTES });
  }
}
