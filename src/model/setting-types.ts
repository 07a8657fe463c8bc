import { z } from 'zod';
import { isCidr } from './station.ts';

/* Types of settings in the configuration (config.ts). */

export const list = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').flatMap((one) => one.trim() || []) : value),
    z.array(item),
  );

/** Only digits are accepted, because `Number` would read a space as 0 and `0x50` as 80. */
export const whole = (what: string, least: number, most: number) => {
  const sentence = `must be ${what} from ${least} to ${most}`;
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value),
    z.int(sentence).min(least, sentence).max(most, sentence),
  );
};

export const reasons = (standard: string[]) =>
  list(z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 lower-case letters, digits or "-"'))
    .refine((codes) => codes.length >= 1 && codes.length <= 30, 'must be 1 to 30 codes')
    .refine((codes) => new Set(codes).size === codes.length, 'names a code twice')
    .default(standard);

export const url = z.url({ protocol: /^https?$/, error: 'must be an http or https address' });
export const publicUrl = url.refine(
  (text) => new URL(text).pathname === '/' && !/[?#]/.test(text),
  'must be an address without a path: the service needs the host for itself',
);

/**
 * Accepts a host name or a block of addresses. A block that contains all addresses is refused, because such a block
 * would allow more than the default.
 */
export function isPrinterEntry(text: string): boolean {
  return isCidr(text)
    ? !text.endsWith('/0')
    : /^[A-Za-z0-9_][A-Za-z0-9._-]{0,253}$/.test(text) && !/^[\d.]+$/.test(text);
}

/** True if a path can be appended to the URL and the URL contains no credentials. */
export function isPlain({ username, password, href }: URL): boolean {
  return username === '' && password === '' && !/[?#]/.test(href);
}
