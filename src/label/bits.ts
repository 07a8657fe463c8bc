/** An image with one bit per dot. A dot is black if its bit is 1. Rows are padded to full bytes. */
export interface Bitmap {
  columns: number;
  rows: number;
  rowBytes: number;
  bits: Uint8Array;
}

export function blank(columns: number, rows: number): Bitmap {
  const rowBytes = Math.ceil(columns / 8);
  return { columns, rows, rowBytes, bits: new Uint8Array(rowBytes * rows) };
}

export function set({ bits, rowBytes }: Bitmap, x: number, y: number): void {
  const at = y * rowBytes + (x >> 3);
  bits[at] = (bits[at] ?? 0) | (0x80 >> (x & 7));
}

export function isBlack({ bits, rowBytes }: Bitmap, x: number, y: number): boolean {
  return (((bits[y * rowBytes + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1) === 1;
}

/** Copies the black dots of `from` onto another bitmap. Dots that would lie outside the other bitmap are left out. */
export function stamp(onto: Bitmap, from: Bitmap, x: number, y: number): void {
  const [firstRow, endRow] = [Math.max(0, -y), Math.min(from.rows, onto.rows - y)];
  const [firstColumn, endColumn] = [Math.max(0, -x), Math.min(from.columns, onto.columns - x)];
  for (let row = firstRow; row < endRow; row++) {
    for (let column = firstColumn; column < endColumn; column++)
      if (isBlack(from, column, row)) set(onto, x + column, y + row);
  }
}
