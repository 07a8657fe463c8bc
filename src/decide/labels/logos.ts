import { hashOfBytes, isRemoved, MAX_REVISIONS } from '../../model/labels/saved-template.ts';
import { logoKey, MAX_LOGO_BYTES } from '../../model/labels/saved-logo.ts';
import { refusal } from '../../platform/error.ts';
import type { Decision, Seen } from '../seen.ts';

/** Saves a picture for labels. The caller has redrawn the picture, so that it contains only pixels. */
export interface SaveLogo {
  kind: 'save-logo';
  name: string;
  width: number;
  height: number;
  /** The PNG in base64. */
  png: string;
  actor: string;
}

export interface LogoSaved {
  name: string;
  revision: number;
  hash: string;
}

/**
 * If the name is already in use, the picture becomes the next revision under this name. Labels are printed with the
 * newest revision.
 */
export function saveLogo(seen: Seen, { name, width, height, png, actor }: SaveLogo): Decision<LogoSaved> {
  const bytes = Buffer.from(png, 'base64');
  if (bytes.length > MAX_LOGO_BYTES) throw refusal('invalid', 'logoLarge', { bytes: bytes.length, max: MAX_LOGO_BYTES });
  const newest = seen.template(logoKey(name));
  const hash = hashOfBytes(bytes);
  if (newest?.hash === hash) return { events: [], answer: { name, revision: newest.revision, hash } };
  const revision = (newest?.revision ?? 0) + 1;
  if (revision > MAX_REVISIONS) throw refusal('invalid', 'templateRevisions', { template: name, max: MAX_REVISIONS });
  const answer = { name, revision, hash };
  return { events: [{ type: 'logo-saved', actor, data: { ...answer, width, height, png } }], answer };
}

export interface RemoveLogo {
  kind: 'remove-logo';
  name: string;
  /**
   * The templates that name the logo. The caller finds these templates, because a decision cannot read the text of a
   * template.
   */
  templates: string[];
  actor: string;
}

/** Removes a logo. Its revisions stay in the ledger, because they are part of printed labels. */
export function removeLogo(seen: Seen, { name, templates, actor }: RemoveLogo): Decision<null> {
  const newest = seen.template(logoKey(name));
  if (newest === undefined || isRemoved(newest)) throw refusal('not-found', 'logo', { logo: name });
  const products = seen.products().filter(({ logo }) => logo === name);
  const users = [...products.map(({ id }) => id), ...templates];
  if (users.length > 0) throw refusal('logo-in-use', 'users', { logo: name, users: users.join(', ') });
  return { events: [{ type: 'logo-removed', actor, data: { name, revision: newest.revision + 1 } }], answer: null };
}
