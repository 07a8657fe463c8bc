/** A picture that has been checked. All formats draw its `svg`. */
export interface Picture {
  file: string;
  /** The SHA-256 of the file's content. */
  hash: string;
  svg: string;
  /** In pixels. */
  width: number;
  height: number;
  /** True if every pixel is opaque, as in every JPEG. */
  isOpaque: boolean;
  hasText: boolean;
}
