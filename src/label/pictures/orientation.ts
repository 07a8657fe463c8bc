import type { Picture } from './picture.ts';

/*
 * Cameras store a picture as the sensor saw it, and say in the Exif data how it must be turned (Exif 3.0, section
 * 4.6.5, tag Orientation). The drawing library ignores this tag.
 */

const EXIF = Buffer.from('Exif\0\0', 'latin1');
const APP1 = 0xe1;
const SCAN = 0xda;
const ORIENTATION = 0x0112;

/** Returns 1 to 8. Returns 1, which means upright, if the file has no such data. */
export function orientationOf(bytes: Buffer): number {
  const tiff = tiffOf(bytes);
  if (tiff === undefined || tiff.length < 8) return 1;
  const isLittle = tiff.toString('latin1', 0, 2) === 'II';
  const short = (at: number): number => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const start = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (start + 2 > tiff.length) return 1;
  for (let at = start + 2, left = short(start); left > 0 && at + 12 <= tiff.length; at += 12, left--) {
    const value = short(at + 8);
    if (short(at) === ORIENTATION) return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/** Returns the Exif data of a JPEG, which are in one of the segments before the picture. */
function tiffOf(bytes: Buffer): Buffer | undefined {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== SCAN;) {
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    const content = bytes.subarray(at + 4, end);
    if (bytes[at + 1] === APP1 && content.subarray(0, EXIF.length).equals(EXIF)) return content.subarray(EXIF.length);
    at = end;
  }
  return undefined;
}

/**
 * Turns and mirrors a picture, so that it is upright. The turned picture gets a hash of its own, because drawn pictures
 * are cached by their hash.
 */
export function upright<P extends Pick<Picture, 'svg' | 'width' | 'height' | 'hash'>>(
  picture: P,
  orientation: number,
): P {
  const { svg, width: w, height: h } = picture;
  const matrix = [
    undefined,
    [-1, 0, 0, 1, w, 0],
    [-1, 0, 0, -1, w, h],
    [1, 0, 0, -1, 0, h],
    [0, 1, 1, 0, 0, 0],
    [0, 1, -1, 0, h, 0],
    [0, -1, -1, 0, h, w],
    [0, -1, 1, 0, 0, w],
  ][orientation - 1];
  if (matrix === undefined) return picture;
  const [width, height] = orientation > 4 ? [h, w] : [w, h];
  const turned = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><g transform="matrix(${matrix.join(' ')})">${svg}</g></svg>`;
  return { ...picture, svg: turned, width, height, hash: `${picture.hash} ${orientation}` };
}
