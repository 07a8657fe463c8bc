import { decode } from 'jpeg-js';
import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { FaultyPicture } from './fault.ts';

/*
 * Checks PNG and JPEG files before they are decoded. The drawing library silently omits a picture that it cannot
 * decode, so a damaged picture must be refused here.
 */

/** A raster picture in a form that the drawing library can decode. Sizes are in pixels. */
export interface Raster {
  width: number;
  height: number;
  type: 'image/png' | 'image/jpeg';
  bytes: Buffer;
}

/**
 * The maximum number of pixels in a picture: 4096 × 4096, which take 64 MB when decoded. An A6 page at 600 dpi has 8.7
 * million pixels, and most phone cameras make 12 million.
 */
const MAX_PIXELS = 4096 * 4096;

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const JPEG = Buffer.from([0xff, 0xd8, 0xff]);

/** Returns undefined if the content is neither a PNG nor a JPEG. The content decides this, not the file name. */
export function readRaster(bytes: Buffer): Raster | undefined {
  if (bytes.subarray(0, PNG.length).equals(PNG)) return readPng(bytes);
  return bytes.subarray(0, JPEG.length).equals(JPEG) ? readJpeg(bytes) : undefined;
}

function refuseLarge(width: number, height: number): void {
  if (width === 0 || height === 0) throw new FaultyPicture('no-size');
  if (width * height > MAX_PIXELS) throw new FaultyPicture('pixels', { width, height, max: MAX_PIXELS });
}

/* PNG (ISO/IEC 15948) */

/** The chunks that affect what is drawn. All other chunks, such as texts and colour profiles, are left out. */
const DRAWN = ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'];
const CHUNK_FRAME = 12;
/** The number of samples per pixel, by colour type (11.2.2). */
const SAMPLES: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

function readPng(bytes: Buffer): Raster {
  const chunks = chunksOf(bytes);
  const header = chunks[0];
  if (header?.type !== 'IHDR' || header.data.length !== 13) throw new FaultyPicture('damaged');
  const [width, height] = [header.data.readUInt32BE(0), header.data.readUInt32BE(4)];
  refuseLarge(width, height);
  const data = Buffer.concat(chunks.flatMap((chunk) => (chunk.type === 'IDAT' ? chunk.data : [])));
  refuseShort(data, header.data);
  const drawn = chunks.filter(({ type }) => DRAWN.includes(type)).map(({ all }) => all);
  return { width, height, type: 'image/png', bytes: Buffer.concat([PNG, ...drawn]) };
}

interface Chunk {
  type: string;
  data: Buffer;
  all: Buffer;
}

/** Returns the chunks up to IEND. Anything after IEND is not part of the picture. */
function chunksOf(bytes: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = PNG.length; at + CHUNK_FRAME <= bytes.length;) {
    const end = at + CHUNK_FRAME + bytes.readUInt32BE(at);
    if (end > bytes.length) break;
    const type = bytes.toString('latin1', at + 4, at + 8);
    const isDrawn = DRAWN.includes(type);
    if (isDrawn && crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4))
      throw new FaultyPicture('damaged');
    chunks.push({ type, data: bytes.subarray(at + 8, end - 4), all: bytes.subarray(at, end) });
    if (type === 'IEND') return chunks;
    at = end;
  }
  throw new FaultyPicture('truncated');
}

/** Refuses a PNG that has fewer rows than its header says. */
function refuseShort(data: Buffer, header: Buffer): void {
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const bits = (SAMPLES[header.readUInt8(9)] ?? 0) * header.readUInt8(8);
  if (bits === 0) throw new FaultyPicture('damaged');
  const least = Math.ceil((width * bits) / 8) * height;
  // An interlaced picture is stored in seven passes. So such a picture has more filter bytes than a normal picture,
  // and partly filled bytes can occur in each pass.
  const most = (Math.ceil((width * bits) / 8) + 16) * (height + 8) * 2;
  let inflated: Buffer;
  try {
    inflated = inflateSync(data, { maxOutputLength: most });
  } catch (error) {
    const isCut = error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR';
    throw new FaultyPicture(isCut ? 'truncated' : 'damaged');
  }
  if (inflated.length < least) throw new FaultyPicture('truncated');
}

/** Writes a PNG from RGBA pixels. */
export function writePng({ width, height, rgba }: { width: number; height: number; rgba: Uint8Array }): Buffer {
  const rows = Buffer.alloc(height * (1 + width * 4));
  for (let y = 0; y < height; y++) rows.set(rgba.subarray(y * width * 4, (y + 1) * width * 4), y * (1 + width * 4) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([
    PNG,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 1 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Writes grey pixels. `lumas` are 0 (black) to 255 (white). */
export function writeGrey({ width, height, lumas }: { width: number; height: number; lumas: Float32Array }): Buffer {
  const rows = Buffer.alloc(height * (1 + width));
  // Each row is the difference from the row above it (PNG filter type 2), because logos have few changes between rows.
  for (let y = 0; y < height; y++) {
    rows[y * (1 + width)] = 2;
    for (let x = 0; x < width; x++) {
      const above = y === 0 ? 0 : Math.round(lumas[(y - 1) * width + x] ?? 0);
      rows[y * (1 + width) + 1 + x] = (Math.round(lumas[y * width + x] ?? 0) - above) & 0xff;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([
    PNG,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const whole = Buffer.alloc(CHUNK_FRAME + data.length);
  whole.writeUInt32BE(data.length, 0);
  whole.write(type, 4, 'latin1');
  whole.set(data, 8);
  whole.writeUInt32BE(crc32(whole.subarray(4, -4)), whole.length - 4);
  return whole;
}

/* JPEG (ITU-T T.81) */

/**
 * Baseline, extended and progressive frames. All are Huffman-coded. Frames with lossless or arithmetic coding have
 * other markers.
 */
const FRAMES = [0xc0, 0xc1, 0xc2];
const OTHER_FRAMES = [0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf];
const SCAN = 0xda;
const END = 0xd9;

function readJpeg(bytes: Buffer): Raster {
  const { width, height, parts } = frameOf(bytes);
  refuseLarge(width, height);
  if (parts !== 4) return { width, height, type: 'image/jpeg', bytes };
  // The drawing library cannot decode pictures with four colour channels (CMYK, YCCK).
  const options = { useTArray: true, formatAsRGBA: true, tolerantDecoding: false, maxResolutionInMP: 17 } as const;
  try {
    const { data } = decode(bytes, options);
    return { width, height, type: 'image/png', bytes: writePng({ width, height, rgba: data }) };
  } catch {
    throw new FaultyPicture('damaged');
  }
}

function frameOf(bytes: Buffer): { width: number; height: number; parts: number } {
  let frame: { width: number; height: number; parts: number } | undefined;
  let at = 2;
  for (;;) {
    const marker = nextMarker(bytes, at);
    if (marker === undefined) throw new FaultyPicture('truncated');
    const { code, end } = marker;
    if (code === END) break;
    if (end + 2 > bytes.length) throw new FaultyPicture('truncated');
    const next = end + bytes.readUInt16BE(end);
    if (next > bytes.length) throw new FaultyPicture('truncated');
    if (OTHER_FRAMES.includes(code)) throw new FaultyPicture('format');
    if (FRAMES.includes(code) && end + 8 <= next) {
      if (bytes.readUInt8(end + 2) !== 8) throw new FaultyPicture('format');
      frame ??= {
        height: bytes.readUInt16BE(end + 3),
        width: bytes.readUInt16BE(end + 5),
        parts: bytes.readUInt8(end + 7),
      };
      refuseLarge(frame.width, frame.height);
    }
    if (code === SCAN && frame === undefined) throw new FaultyPicture('damaged');
    at = next;
  }
  if (frame === undefined) throw new FaultyPicture('truncated');
  return frame;
}

/**
 * Finds the next marker that has a segment, or the end of the picture. Coded data may contain 0xFF followed by 0x00
 * (stuffing) or by restart markers (B.1.1.5).
 */
function nextMarker(bytes: Buffer, from: number): { code: number; end: number } | undefined {
  for (let at = bytes.indexOf(0xff, from); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const code = bytes.readUInt8(at + 1);
    if (code !== 0 && code !== 1 && code !== 0xff && !(code >= 0xd0 && code <= 0xd8)) return { code, end: at + 2 };
  }
  return undefined;
}
