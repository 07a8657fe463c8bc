import { z } from 'zod';
import { readPatch, valueIn, type PatchOf } from '../settings.ts';
import { refusal } from '../../platform/error.ts';
import { DEFAULT_TEMPLATE } from './saved-template.ts';
import { own } from '../../platform/own.ts';

/*
 * The labels of a product's units. Each label has a role, such as `box`, which says where the label goes. Every product
 * has the role `device`; a product without a label set has only this role.
 */

/** The role of the label on the device itself. Print jobs and events omit this role, and name only the others. */
export const DEVICE = 'device';

/** Roles appear in codes on labels, so they are short and have no letters that Caps Lock could turn into others. */
export const RoleName = z
  .string('must be a string')
  .regex(/^[a-z][a-z0-9-]{0,11}$/, 'must be 1 to 12 small letters, digits or "-", and begin with a letter');

/** The maximum number of labels. No device needs more: device, card, box, outer box, pallet, and some to spare. */
export const MAX_ROLES = 8;
export const MAX_ROLE_COPIES = 10;

export const LabelSettings = z.strictObject({
  template: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be the name of a template in labels/')
    .optional()
    .describe('Label template of this role; the template of the role `device` is the setting `label`'),
  copies: z.int().min(1).max(MAX_ROLE_COPIES).optional().describe('Copies of this label for each unit; by default 1'),
  required: z
    .boolean()
    .optional()
    .describe('Print this label together with the others when a station prints automatically; by default true'),
  secret: z
    .boolean()
    .optional()
    .describe('The label shows the Claim ID. By default, only the role `device` is secret; a label of the role `box` never is'),
  release: z
    .boolean()
    .optional()
    .describe('A PASS needs a scan of this label. By default, only the role `device` is needed'),
});
export type LabelSettings = z.infer<typeof LabelSettings>;

export const LABEL_SET = {
  labels: z
    .record(RoleName, LabelSettings)
    .optional()
    .describe(
      'Labels of a unit by their roles, such as box: each with its template, copies, and whether it is required, secret, or needed for a PASS',
    ),
};

/** A label of a product's units, with all its settings. `template` is absent for the default template. */
export interface ProductLabel {
  role: string;
  template: string | undefined;
  copies: number;
  required: boolean;
  secret: boolean;
  release: boolean;
}

interface Labelled {
  label?: string | undefined;
  labels?: { [role: string]: LabelSettings } | undefined;
}

/** Returns the labels of a product's units, beginning with the label of the device. */
export function labelSetOf({ label, labels = {} }: Labelled): ProductLabel[] {
  const { [DEVICE]: device = {}, ...others } = labels;
  const all = [[DEVICE, { ...device, template: label }] as const, ...Object.entries(others)];
  return all.map(([role, { template, copies = 1, required = true, ...settings }]) => {
    const { secret = role === DEVICE, release = role === DEVICE } = settings;
    return { role, template, copies, required, secret, release };
  });
}

/** The roles of labels that only the buyer sees: on the device, or inside its box. */
const INSIDE = [DEVICE, 'card'];

/** True if no one sees a label with this role before the box is opened. */
export function isInside(role: string): boolean {
  return INSIDE.includes(role);
}

/** Returns the label with this role. Throws `not-found` if the product has no such label. */
export function labelWithRole(product: Labelled & { id: string }, role: string = DEVICE): ProductLabel {
  const all = labelSetOf(product);
  const found = all.find((one) => one.role === role);
  if (found !== undefined) return found;
  const roles = all.map((one) => one.role).join(', ');
  throw refusal('not-found', 'labelRole', { product: product.id, role, roles });
}

/** Returns the product with this role's template in `label`, so that the label of this role is drawn. */
export function drawnAs<P extends Labelled & { id: string }>(product: P, role: string = DEVICE): P {
  return role === DEVICE ? product : { ...product, label: labelWithRole(product, role).template };
}

/** Returns the templates of the product's labels. */
export function templatesOf(product: Labelled): string[] {
  return [...new Set(labelSetOf(product).map(({ template = DEFAULT_TEMPLATE }) => template))];
}

export function usesTemplate(product: Labelled, template: string): boolean {
  return templatesOf(product).includes(template);
}

/**
 * True if only a code with the role proves that this label was scanned. The Claim ID proves that a label was scanned
 * only if it is on one of the labels that a PASS needs. An S/N may be on any label.
 */
export function needsMark(product: Labelled, { role, secret }: ProductLabel): boolean {
  const others = labelSetOf(product).filter((one) => one.role !== role);
  return others.length > 0 && (!secret || others.some((one) => one.secret && one.release));
}

/** A code that was scanned from a label. `role` is set if the code itself says which label it is on. */
interface ScannedCode {
  role?: string;
  isClaimId: boolean;
}

/** Returns the roles of the labels that a PASS needs and that none of these codes proves. */
export function unprovenRoles(product: Labelled, codes: ScannedCode[]): string[] {
  const all = labelSetOf(product);
  if (all.length === 1) return [];
  const needed = all.filter(({ release }) => release);
  const [only, ...others] = needed;
  const isSerialProof = others.length === 0 && all.every(({ secret }) => secret);
  const provenBy = ({ role, isClaimId }: ScannedCode): string | undefined => {
    if (role !== undefined) return role;
    if (!isClaimId) return isSerialProof ? only?.role : undefined;
    return needed.find((label) => label.secret && !needsMark(product, label))?.role;
  };
  const proven = new Set(codes.map(provenBy));
  return needed.map(({ role }) => role).filter((role) => !proven.has(role));
}

/** Returns the faults of a label set, each with the place of the wrong setting. */
export function labelSetProblems({ labels = {} }: Labelled): { path: string[]; message: string }[] {
  const problems = Object.entries(labels).flatMap(([role, { template, secret }]) => {
    if (role === DEVICE && template !== undefined)
      return [{ path: [role, 'template'], message: 'belongs in the setting "label"' }];
    if (role !== DEVICE && template === undefined) return [{ path: [role, 'template'], message: 'is missing' }];
    // Anyone can photograph a box, in a shop or in transport, and claim the device before its buyer does.
    if (role === BOX && secret) return [{ path: [role, 'secret'], message: SECRET_BOX }];
    return [];
  });
  if (Object.keys(labels).length > MAX_ROLES)
    problems.push({ path: [], message: `must not have more than ${MAX_ROLES} labels` });
  if (!labelSetOf({ labels }).some(({ release }) => release))
    problems.push({ path: [], message: 'needs a label whose scan gives a PASS' });
  return problems;
}

/** The role of the label on the outside of a box. */
export const BOX = 'box';
const SECRET_BOX = 'must not be true: anyone can photograph a box, so put the secret on a label with the role "card"';

/** Returns the printer that prints a station's labels of this role. */
export function printerOf(
  { printer, printers }: { printer?: string | undefined; printers?: { [role: string]: string } | undefined },
  role: string = DEVICE,
): string | undefined {
  return own(printers, role) ?? printer;
}

/** In codes that say which label was scanned, this text is between the code and the role of its label. */
const MARK = ' ';

/** Splits the text of such a code into the code and the role. The role may be in upper or lower case. */
export function markedCode(text: string): { code: string; role: string } | undefined {
  const at = text.lastIndexOf(MARK);
  const role = text.slice(at + 1).toLowerCase();
  return at < 1 || !RoleName.safeParse(role).success ? undefined : { code: text.slice(0, at).trimEnd(), role };
}

/**
 * Reads the settings of a label from one text, such as `box-100x50,copies=2,release=yes`. Only the template is written
 * without a name and "=". The values are checked later, by the code that receives the patch.
 */
export function labelPatch(text: string): PatchOf<typeof LabelSettings.shape> {
  const given = new Map(
    text
      .split(',')
      .filter((part) => part !== '')
      .map((part) => (part.includes('=') ? [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)] : ['template', part]))
      .map(([name = '', value = '']) => [name, value] as const),
  );
  const patch = readPatch(LabelSettings.shape, (setting) => {
    const value = given.get(setting.name);
    given.delete(setting.name);
    return value === undefined ? undefined : valueIn(setting, value);
  });
  // Unknown names stay in the patch, so that the API refuses them.
  return { ...patch, ...Object.fromEntries(given) };
}
