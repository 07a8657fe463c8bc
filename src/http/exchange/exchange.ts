import { z } from 'zod';
import type { ApplyCatalog } from '../../decide/exchange/apply-catalog.ts';
import { useOf } from '../../contract/labels/samples.ts';
import { DEFAULT_TEMPLATE, type BroughtPicture, type TemplateCheck } from '../../contract/labels.ts';
import {
  CATALOG_PARTS,
  MAX_CATALOG_BYTES,
  type PictureEntry,
  type TemplateEntry,
} from '../../model/exchange/catalog.ts';
import type { ProductEntry } from '../../model/product.ts';
import type { Language } from '../../../words/sentence.ts';
import { ClaimstampError, refusal } from '../../platform/error.ts';
import { inLanguage } from '../../platform/refusal-words.ts';
import { languageOf } from '../language.ts';
import { usesTemplate } from '../../model/labels/label-set.ts';
import { openTurns } from '../../platform/turns.ts';
import { refuseUnfitCode } from '../device-code.ts';
import { outsideWarnings, refuseUnfitRoles, refuseUnfitUse } from '../label-roles.ts';
import { readOnly } from '../routes/catalog.ts';
import { refuseMissing } from '../routes/label-templates.ts';
import type { Services } from '../services.ts';
import type { Declarations, On } from '../operation.ts';

export const exchangeOperations = {
  'POST /v1/catalog': {
    tag: 'catalog',
    may: 'catalog:write',
    summary: 'Take over a catalogue from another site: products, label templates, pictures and stations',
    description:
      'All changes are made together, or none. Entries that are not in the body stay as they are. A part that is absent is not changed. Stations keep their work orders, shipping list and scanner test. With `check`, the answer says what would change, and nothing changes.',
    body: z.strictObject({ ...CATALOG_PARTS, check: z.boolean().default(false) }),
    bodyLimit: MAX_CATALOG_BYTES,
    example: { products: [{ id: '01H4R15D3478JD26YDYK408XE6', name: 'Thermostat', company: 'Acme' }], check: true },
    answer: z.object({
      changes: z.array(
        z.object({
          part: z.enum(['product', 'template', 'picture', 'station']),
          name: z.string(),
          settings: z
            .array(z.string())
            .optional()
            .meta({ description: 'Settings that change. Absent for a new entry' }),
        }),
      ),
      warnings: z
        .array(z.string())
        .optional()
        .meta({ description: 'Warnings about labels that show a secret and may be visible from outside the box' }),
    }),
    refusals: [
      'read-only',
      'not-found',
      'serial-like-claim-id',
      'serials-shared',
      'site-missing',
      'device-code-needed',
      'template-wrong',
      'template-changed',
      'template-file',
      'logo-in-use',
      'approval-needed',
      'source-taken',
      'station-busy',
      'station-armed',
      'no-printer',
      'busy',
    ],
  },
} satisfies Declarations;

export function exchangeRoutes(on: On, services: Services): void {
  on(exchangeOperations, 'POST /v1/catalog', async ({ body, who: { actor }, c }) => {
    const { products = [], templates = [], stations = [] } = body;
    const { ledger, config, gate, links } = services;
    const pictures = await redrawn(services, body.pictures ?? []);
    const parts = { products, templates, pictures, stations };
    const command: ApplyCatalog = { kind: 'apply-catalog', ...parts, site: config.site, actor };
    const { changes } = await ledger.record({ ...command, check: true });
    const different = new Set(changes.map(({ part, name }) => `${part} ${name}`));
    const changed = (part: string, name: string): boolean => different.has(`${part} ${name}`);
    refuseFixed(services, changed);
    const checked = new Map<string, TemplateCheck>();
    for (const template of templates.filter(({ name }) => changed('template', name)))
      checked.set(template.name, await checkedTemplate(services, template, { products, pictures }));
    const names = [...(await services.labels.templates()), ...checked.keys()];
    const turns = openTurns();
    const changedProducts = products.filter(({ id }) => changed('product', id));
    for (const product of changedProducts) {
      await named(product.id, () => refuseUnfit(services, product, { checked, pictures, names }));
      await turns();
    }
    const warnings = await warningsOf(services, changedProducts, { checked, language: languageOf(c) });
    if (body.check || changes.length === 0) return { changes, ...warnings };
    const made = await ledger.record(command);
    await Promise.all([gate.refresh(), links.refresh()]);
    return { ...made, ...warnings };
  });
}

/**
 * Redraws each picture of the catalogue, as the service does with uploaded pictures, because someone may have edited
 * the file.
 */
async function redrawn({ labels, ledger }: Services, entries: PictureEntry[]): Promise<ApplyCatalog['pictures']> {
  const pictures = [];
  for (const { name, png } of entries) {
    if (labels.logoFiles().includes(name) && (await ledger.logo(name)) === undefined)
      throw refusal('logo-in-use', 'file', { logo: name });
    pictures.push({ name, ...(await labels.redrawPicture(name, Buffer.from(png, 'base64'))) });
  }
  return pictures;
}

/** Throws if the catalogue changes an entry that the configuration file sets. */
function refuseFixed({ config: { catalog } }: Services, changed: (part: string, name: string) => boolean): void {
  const product = catalog.products.find(({ id }) => changed('product', id));
  if (product) throw readOnly('product', product.id);
  const station = catalog.stations.find(({ name }) => changed('station', name));
  if (station) throw readOnly('station', station.name);
}

async function checkedTemplate(
  { labels, ledger }: Services,
  { name, source, needs }: TemplateEntry,
  { products, pictures }: { products: ProductEntry[]; pictures: BroughtPicture[] },
): Promise<TemplateCheck> {
  const known = (await ledger.products()).filter(({ id }) => !products.some((one) => one.id === id));
  const users = [...known, ...products].filter((product) => usesTemplate(product, name));
  const check = await labels.checkSource({ name, source }, useOf(users), pictures);
  refuseMissing(needs, check);
  if (labels.isFile(name) && (await ledger.template(name)) === undefined)
    throw refusal('template-file', 'fixed', { template: name });
  if (check.problems.length > 0 && users.length > 0)
    throw refusal('template-wrong', 'inUse', {
      template: name,
      products: users.map(({ id }) => id).join(', '),
      problems: check.problems.join('; '),
    });
  refuseUnfitUse(users, name, check);
  return check;
}

async function warningsOf(
  { labels }: Services,
  products: ProductEntry[],
  { checked, language }: { checked: ReadonlyMap<string, TemplateCheck>; language: Language },
): Promise<{ warnings?: string[] }> {
  const warnings: string[] = [];
  for (const product of products) {
    const outside = await outsideWarnings(
      product,
      async (name) => (checked.get(name) ?? (await labels.check(name))).role,
    );
    warnings.push(...outside.map((why) => `${product.id}: ${inLanguage(why, language)}`));
  }
  return warnings.length === 0 ? {} : { warnings };
}

/** Checks the labels of a product. Its template and its logo may come with the same catalogue. */
async function refuseUnfit(
  { labels, config }: Services,
  product: ProductEntry,
  {
    checked,
    pictures,
    names,
  }: { checked: ReadonlyMap<string, TemplateCheck>; pictures: BroughtPicture[]; names: string[] },
): Promise<void> {
  const { label, logo } = product;
  if (label !== undefined && !names.includes(label))
    throw refusal('template-wrong', 'missing', { template: label, names: names.join(', ') });
  if (logo !== undefined && !pictures.some(({ name }) => name === logo)) await labels.checkPicture(logo);
  const checkOf = async (name = DEFAULT_TEMPLATE): Promise<TemplateCheck> => checked.get(name) ?? labels.check(name);
  await refuseUnfitCode(checkOf, config.identityProperties, product);
  await refuseUnfitRoles(product, async () => names, checkOf);
}

/** Puts the product's ID before the text of a refusal, because the text itself may name only a file. */
async function named(id: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof ClaimstampError)) throw error;
    throw new ClaimstampError(error.code, `product ${id}: ${error.message}`);
  }
}
