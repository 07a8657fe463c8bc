import { statSync } from 'node:fs';
import { refusal } from '../../platform/error.ts';
import { fileContent, type FileContent } from '../../platform/file-content.ts';
import { shippedLetters } from '../fonts.ts';
import { dataFile } from '../template.ts';
import { drawInside } from './draw.ts';
import { FaultyPicture, pictureRefusal } from './fault.ts';
import { orientationOf, upright } from './orientation.ts';
import { RENDERER, UPRIGHT_SINCE } from '../renderer.ts';
import type { Picture } from './picture.ts';
import { readRaster } from './raster.ts';
import { uploadedContent } from './uploaded.ts';
import { readVector } from './vector.ts';

const MAX_BYTES = 2 * 1024 * 1024;
const NAME = /\.(png|svg|jpe?g)$/i;

type Read = Omit<Picture, 'file'> | FaultyPicture;

/** A cache of file contents that were already read: each picture both as it is stored and turned upright. */
const read = new WeakMap<FileContent, { stored: Read; turned: Read }>();

/**
 * Loads a picture. `folder` is the template's folder. A file's type is determined by its content, not by its name.
 * Throws `template-wrong`, with the file's name and the reason, if there is no picture with this name. Also throws if
 * the picture would not look the same in all output formats.
 */
export function loadPicture(file: string, folder: string, renderer = RENDERER): Picture {
  const content = contentOf(file, folder);
  let both = read.get(content);
  if (both === undefined) {
    const stored = readContent(content);
    const turned = stored instanceof FaultyPicture ? stored : upright(stored, orientationOf(content.bytes));
    read.set(content, (both = { stored, turned }));
  }
  const found = renderer < UPRIGHT_SINCE ? both.stored : both.turned;
  if (found instanceof FaultyPicture) throw pictureRefusal(file, found);
  return { file, ...found };
}

/** Returns the content of a picture. An uploaded picture takes precedence over a file with the same name. */
export function contentOf(file: string, folder: string): FileContent {
  const uploaded = uploadedContent(file);
  if (uploaded !== undefined) return uploaded;
  const path = NAME.test(file) ? dataFile(folder, 'logos', file) : undefined;
  if (path === undefined) throw refusal('template-wrong', 'picture', { file });
  if (statSync(path).size > MAX_BYTES) throw refusal('template-wrong', 'pictureLarge', { file, max: MAX_BYTES });
  return fileContent(path);
}

export function readContent({ bytes, hash }: FileContent): Omit<Picture, 'file'> | FaultyPicture {
  try {
    if (bytes.length === 0) throw new FaultyPicture('empty');
    const raster = readRaster(bytes);
    if (raster !== undefined) {
      const { width, height, type } = raster;
      const size = `width="${width}" height="${height}"`;
      const href = `data:${type};base64,${raster.bytes.toString('base64')}`;
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size}><image ${size} href="${href}"/></svg>`;
      return { hash, svg, width, height, isOpaque: type === 'image/jpeg', hasText: false };
    }
    const { letters, ...vector } = readVector(bytes, drawInside);
    const missing = Array.from(letters).find((letter) => !shippedLetters(letter));
    if (missing !== undefined) throw new FaultyPicture('letters', { letter: missing });
    return { hash, ...vector, isOpaque: false, hasText: letters !== '' };
  } catch (error) {
    if (error instanceof FaultyPicture) return error;
    throw error;
  }
}
