/** The revisions of uploaded pictures are stored among those of templates, with this prefix. */
const PREFIX = 'logos/';

/** The name under which the revisions of a logo are listed. The name of a template never contains a slash. */
export function logoKey(name: string): string {
  return PREFIX + name;
}

export function isLogoKey(key: string): boolean {
  return key.startsWith(PREFIX);
}

/**
 * The name of an uploaded logo. The service redraws each picture as a PNG, but keeps its name, so the name may end with
 * `.svg` or `.jpg`.
 */
export const LOGO_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,95}\.(?:png|svg|jpe?g)$/;

export interface LogoRevision {
  name: string;
  revision: number;
  /** The SHA-256 of the PNG, in hexadecimal. */
  hash: string;
  /** In pixels. */
  width: number;
  height: number;
  /** The size of the PNG. */
  bytes: number;
  seq: number;
  at: number;
  by: string;
}

export interface SavedLogo extends LogoRevision {
  /** The PNG in base64. */
  png: string;
}

/**
 * The largest PNG of a logo, in bytes. In base64, it takes 64 KB, like the largest template. A logo of 1000 × 1000 grey
 * pixels takes 10 to 30 KB.
 */
export const MAX_LOGO_BYTES = 48 * 1024;

/** The longest side of a logo in pixels: 60 mm at 600 dpi. */
export const MAX_LOGO_SIDE = 1400;

/** The names of pictures in the text of a template. The text may be invalid, so it is searched instead of parsed. */
export function picturesIn(source: string): string[] {
  return Array.from(source.matchAll(/["']([A-Za-z0-9][A-Za-z0-9 ._-]*\.(?:png|svg|jpe?g))["']/gi), ([, name = '']) => name);
}

/** The largest file that may be uploaded, in bytes. */
export const MAX_UPLOAD_BYTES = 2 * 1024 * 1024;
