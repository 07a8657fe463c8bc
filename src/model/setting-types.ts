import { isIP } from 'node:net';
import { z } from 'zod';
import { hasUrlLeadingZeros } from '../platform/leading-zeros.ts';
import { isCidr } from './station.ts';

/* Types of settings in the configuration (config.ts). */

export const list = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').flatMap((one) => one.trim() || []) : value),
    z.array(item),
  );

/**
 * A path of a file or folder. Service managers and container tools do not expand `~` and `$HOME`, and do not remove
 * quotation marks. Without this check, the service would make an empty ledger in a folder that is literally named `~`
 * or `$HOME`.
 */
export const path = z
  .string()
  .min(1)
  .refine((text) => text === text.trim(), 'must not begin or end with a space')
  .refine((text) => !/^["']|["']$/.test(text), 'must not be in quotation marks')
  .refine(
    (text) => !/^~|^%\w\/|\$\w|\$\{/.test(text),
    'has "~", "$" or "%", which only a shell would replace: write the complete path',
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

/**
 * Accepts an address that requests can be sent to. If there are several problems, reports only the first one that a
 * person has to correct.
 */
const address = (begin: RegExp, beginning: string, more: (url: URL) => string | undefined = () => undefined) =>
  z.string().superRefine((text, context) => {
    const message = addressProblem(text, begin, beginning) ?? more(new URL(text));
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

function addressProblem(text: string, begin: RegExp, beginning: string): string | undefined {
  // The class `URL` would drop or replace these characters.
  if (/[\s\\]/.test(text)) return 'must be an address without spaces and "\\"';
  if (!begin.test(text)) return `must begin with ${beginning}`;
  if (!URL.canParse(text)) return 'has a wrong host name or port';
  if (hasUrlLeadingZeros(text)) return 'has an IPv4 address with leading zeros: omit the zeros';
  const { username, password } = new URL(text);
  return username === '' && password === '' ? undefined : 'must be an address without a user name or password';
}

const HTTP = [/^https?:\/\//i, 'http:// or https://, as https://factory.example.com does'] as const;
const withoutQuery = ({ href }: URL): string | undefined =>
  /[?#]/.test(href) ? 'must be an address without "?" and "#"' : undefined;

export const url = address(...HTTP);
export const serviceUrl = address(...HTTP, withoutQuery);
export const publicUrl = address(...HTTP, (parsed) =>
  parsed.pathname === '/' && withoutQuery(parsed) === undefined
    ? undefined
    : 'must be an address without a path: the service needs all paths of its host',
);
export const cloudUrl = address(/^https:\/\//i, 'https://, as https://admin.embedthis.com/api does', withoutQuery);

export const hostName = z
  .string()
  .refine(
    (text) => isIP(text) !== 0 || (/^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/.test(text) && !/^[\d.]+$/.test(text)),
    'must be an IP address or a host name, without "http://", "[" and port',
  );

/**
 * Accepts a host name or a block of addresses. A block that contains all addresses is refused, because it would allow
 * more than the default allows.
 */
export function isPrinterEntry(text: string): boolean {
  return isCidr(text)
    ? !text.endsWith('/0')
    : /^[A-Za-z0-9_][A-Za-z0-9._-]{0,253}$/.test(text) && !/^[\d.]+$/.test(text);
}
