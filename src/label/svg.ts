import { MM_PER_POINT } from './fonts.ts';
import type { Layout, Shape } from './layout.ts';
import { rasterise } from './pictures/draw.ts';
import { writePng } from './pictures/raster.ts';
import { placeOf, shownPixels } from './pictures/shown.ts';
import { transformOf } from './turn.ts';

/** Draws a preview in mm. Letters are drawn as outlines, so the viewer needs no font. */
export async function toSvg(layout: Layout): Promise<string> {
  const { width, height, dpi } = layout;
  const shapes = await drawAll(layout.shapes, dpi);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}mm" height="${height}mm" viewBox="0 0 ${width} ${height}">\n<rect width="${width}" height="${height}" fill="#fff"/>\n${shapes}\n</svg>\n`;
}

async function drawAll(shapes: Shape[], dpi: number): Promise<string> {
  const drawn: string[] = [];
  for (const shape of shapes) {
    if (shape.kind === 'image') drawn.push(await image(shape, dpi));
    else if (shape.kind === 'turned') {
      const transform = transformOf(shape).map(n).join(' ');
      drawn.push(`<g transform="matrix(${transform})">${await drawAll(shape.shapes, dpi)}</g>`);
    } else drawn.push(draw(shape));
  }
  return drawn.join('\n');
}

/** Returns a PNG at the layout's resolution, as bytes. */
export async function toPng(layout: Layout): Promise<Uint8Array> {
  return (await rasterise(await toSvg(layout), Math.round((layout.width / 25.4) * layout.dpi))).asPng();
}

/** Embeds only the pixels of the picture. The file itself could contain something that a browser would run or fetch. */
async function image(shape: Shape & { kind: 'image' }, dpi: number): Promise<string> {
  const pixels = await shownPixels(shape, dpi);
  const { x, y, w, h } = placeOf(shape, pixels);
  const href = `data:image/png;base64,${writePng(pixels).toString('base64')}`;
  return `<image x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}" href="${href}"/>`;
}

function draw(shape: Exclude<Shape, { kind: 'image' | 'turned' }>): string {
  switch (shape.kind) {
    case 'text':
      return text(shape);
    case 'matrix': {
      let path = '';
      for (let row = 0; row < shape.matrix.rows; row++) {
        for (let column = 0; column < shape.matrix.columns; column++)
          if (shape.matrix.dark(column, row)) path += `M${column} ${row}h1v1h-1z`;
      }
      return `<path transform="translate(${n(shape.x)} ${n(shape.y)}) scale(${n(shape.module)})" d="${path}" shape-rendering="crispEdges"/>`;
    }
    case 'bars': {
      let path = '';
      let x = 0;
      for (const [index, width] of shape.bars.widths.entries()) {
        if (index % 2 === 0) path += `M${x} 0h${width}v1h-${width}z`;
        x += width;
      }
      return `<path transform="translate(${n(shape.x)} ${n(shape.y)}) scale(${n(shape.module)} ${n(shape.height)})" d="${path}" shape-rendering="crispEdges"/>`;
    }
    case 'line':
      return `<path d="M${n(shape.x)} ${n(shape.y)}L${n(shape.x2)} ${n(shape.y2)}" stroke="#000" stroke-width="${n(shape.width)}"/>`;
    case 'triangle':
      return `<path d="M${n(shape.x + shape.side)} ${n(shape.y)}v${n(shape.side)}h${n(-shape.side)}z"/>`;
    case 'frame': {
      const half = shape.width / 2;
      return `<rect x="${n(shape.x + half)}" y="${n(shape.y + half)}" width="${n(shape.w - shape.width)}" height="${n(shape.h - shape.width)}" fill="none" stroke="#000" stroke-width="${n(shape.width)}"/>`;
    }
  }
}

function text(shape: Shape & { kind: 'text' }): string {
  const em = shape.size * MM_PER_POINT;
  let { x } = shape;
  let out = '';
  for (const { face, text: letters } of shape.runs) {
    const scale = em / face.font.unitsPerEm;
    for (const letter of letters) {
      const path = face.font.glyphForCodePoint(letter.codePointAt(0) ?? 0).path.toSVG();
      if (path !== '')
        out += `<path transform="translate(${n(x)} ${n(shape.baseline)}) scale(${n(scale)} ${n(-scale)})" d="${path}"/>`;
      x += (face.advance(letter) ?? 0) * em;
    }
  }
  return out;
}

function n(value: number): string {
  return String(Number(value.toFixed(6)));
}
