import { z } from 'zod';
import type { TemplateCheck as Checked, TemplateNeed } from '../../contract/labels.ts';
import { sampleData, sampleOf } from '../../contract/labels/samples.ts';
import { DRAFT_VALUES } from '../../model/labels/draft.ts';
import { changesOf } from '../../model/labels/changes.ts';
import { LOGO_NAME, MAX_UPLOAD_BYTES } from '../../model/labels/saved-logo.ts';
import { MAX_SOURCE_BYTES, type Approval, type TemplateRevision } from '../../model/labels/saved-template.ts';
import { Name, newProduct, Product, withPattern } from '../../model/product.ts';
import { refusal } from '../../platform/error.ts';
import { hasSite, siteMissing } from '../../model/serial.ts';
import { parseJson5 } from '../../platform/json5.ts';
import type { Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { Before, Limit, Next, shownTime, Time } from '../schemas.ts';
import type { Services } from '../services.ts';
import { draftRoutes } from './label-drafts.ts';
import { logoRoutes, saveLogo } from './label-logos.ts';
import { languageOf } from '../language.ts';
import { refuseUnfitUse } from '../label-roles.ts';
import { signed, usersOf, withUses } from './label-users.ts';
import { TYPES } from './labels.ts';

/* Label templates: the files in labels/, and the revisions that people save in the ledger. */

export const TemplateParams = z.object({
  name: Name.meta({ description: 'A label template', examples: ['device-62x40'] }),
});

export const SavedParams = z.object({ name: Name.meta({ description: 'A label template', examples: ['my-label'] }) });

const Need = z.object({ file: z.string(), sha256: z.string().optional() });

/** Large enough for a template with its pictures in base64. */
const MAX_IMPORT_BYTES = 2 * MAX_SOURCE_BYTES + 2 * MAX_UPLOAD_BYTES;

const Picture = z.object({
  file: z.string().meta({ description: 'As in `needs`', examples: ['logos/logo.png'] }),
  content: z.string().meta({ description: 'The file in base64' }),
});

const Number1 = z.coerce.number().int().min(1);

const Revision = z
  .object({
    name: z.string(),
    revision: z.int(),
    hash: z.string().meta({ description: 'SHA-256 of the source, in hexadecimal' }),
    at: Time,
    by: z.string().meta({ description: 'Who saved it' }),
    note: z.string().optional(),
    approved: z
      .object({ at: Time, by: z.string(), note: z.string().optional() })
      .optional()
      .meta({ description: 'Absent if the revision is not approved' }),
    asked: z
      .object({ at: Time, by: z.string(), note: z.string().optional() })
      .optional()
      .meta({ description: 'Someone asked for the approval of this revision, and no one has approved it yet' }),
  })
  .meta({ id: 'TemplateRevision' });

const Source = z.object({
  name: z.string(),
  origin: z.enum(['file', 'ledger']).meta({ description: '`file`: in labels/. `ledger`: saved in the ledger' }),
  revision: z.int().meta({ description: '0 for a file' }),
  hash: z.string(),
  source: z.string().meta({ description: 'JSON5' }),
  needs: z.array(Need).meta({ description: 'Files of labels/ that the template names' }),
  pictures: z.array(Picture).optional(),
});

export const TemplateCheck = z
  .object({
    name: z.string(),
    usual: z.boolean().meta({ description: 'True for the default template' }),
    width: z.number().meta({ description: 'mm' }),
    height: z.number().meta({ description: 'mm' }),
    dpi: z.int(),
    secret: z.boolean().meta({ description: "True if the label shows the Claim ID or a Matter device's passcode" }),
    role: z.string().optional().meta({ description: 'The role of the label, if the template has one' }),
    marked: z.boolean().meta({ description: "True if a code on the label says which of the unit's labels this is" }),
    needs: z
      .array(Need)
      .meta({ description: 'Files of labels/ that the template names; without `sha256`, the file is missing' }),
    prints: z.array(z.string()).meta({ description: 'Fields that the template prints, such as serial' }),
    codes: z.array(
      z.object({
        box: z.string(),
        symbology: z.string(),
        dots: z
          .int()
          .optional()
          .meta({ description: 'Printer dots per module. Absent if the longest values do not fit' }),
        moduleMm: z.number().optional(),
        quietModules: z
          .number()
          .optional()
          .meta({ description: 'Width of the quiet zone at its narrowest side, in modules' }),
      }),
    ),
    pictures: z.array(
      z.object({
        box: z.string(),
        file: z.string(),
        ink: z.number().meta({ description: 'Share of black dots in the box, 0 to 1' }),
      }),
    ),
    problems: z.array(z.string()),
    warnings: z.array(z.string()).meta({
      description:
        'Warnings about secrets that people could see from outside the box, and about images that are almost completely white or almost completely black',
    }),
  })
  .meta({ id: 'TemplateCheck' });

const looking = { tag: 'labels', may: 'catalog:read' } as const;

export const templateOperations = {
  'GET /v1/label-templates': {
    ...looking,
    summary: 'Names of the label templates',
    answer: z.object({
      templates: z.array(z.string()),
      saved: z.array(Revision).meta({ description: 'The newest revision of each template that people saved' }),
      waiting: z
        .array(z.object({ name: z.string(), revision: z.int(), at: Time, by: z.string(), note: z.string().optional() }))
        .meta({ description: 'The revisions that wait for approval' }),
    }),
  },
  'GET /v1/label-templates/{name}': {
    ...looking,
    summary: 'Check a label template: its size, the module size of its codes with the longest values, and problems',
    params: TemplateParams,
    answer: TemplateCheck,
  },
  'POST /v1/label-preview': {
    ...looking,
    summary: "Preview a product's label with these settings and sample data",
    body: Product,
    example: { id: '01H4R15D3478JD26YDYK408XE6', name: 'Thermostat', company: 'Acme' },
    file: {
      types: [TYPES.svg],
      description: 'The label, with its text converted to outlines, so that no fonts are needed',
    },
    refusals: ['site-missing'],
  },
  'GET /v1/label-templates/{name}/source': {
    ...looking,
    summary: 'The source of a label template, which can also be exported',
    description:
      'Save the answer as a file to take the template to another service. `PUT /v1/label-templates/{name}` takes the file. With `pictures=true`, the file contains the pictures.',
    params: TemplateParams,
    query: z.strictObject({
      revision: Number1.optional(),
      approved: z.literal('true').optional().meta({ description: 'The revision that products with `approval` print' }),
      pictures: z.literal('true').optional().meta({ description: 'With the content of the pictures, for an export' }),
    }),
    answer: Source,
    refusals: ['not-found', 'template-wrong', 'busy'],
  },
  'GET /v1/label-templates/{name}/preview.svg': {
    ...looking,
    summary: 'A label template with sample data',
    params: TemplateParams,
    query: z.strictObject({ revision: Number1.optional(), values: z.enum(DRAFT_VALUES).default('typical') }),
    file: { types: [TYPES.svg], description: 'The label, with its text as outlines, so that no fonts are needed' },
    refusals: ['not-found', 'label-too-large', 'label-unprintable', 'template-wrong', 'busy'],
  },
  'GET /v1/label-templates/{name}/revisions': {
    ...looking,
    summary: 'The revisions of a label template, newest first',
    params: TemplateParams,
    query: z.strictObject({
      before: Before,
      limit: Limit.default(50),
    }),
    answer: z.object({ revisions: z.array(Revision), next: Next }),
    refusals: ['not-found'],
  },
  'GET /v1/label-templates/{name}/changes': {
    ...looking,
    summary: 'What differs between two revisions of a label template',
    params: TemplateParams,
    query: z.strictObject({ from: Number1, to: Number1 }),
    answer: z.object({
      changes: z.array(
        z.object({
          box: z.string().optional().meta({ description: 'Absent for the size and the resolution of the label' }),
          property: z.string(),
          before: z.string().optional(),
          after: z.string().optional(),
        }),
      ),
    }),
    refusals: ['not-found'],
  },
  'PUT /v1/label-templates/{name}': {
    tag: 'labels',
    summary: 'Save the next revision of a label template',
    description:
      "Labels are printed with the newest revision. `revision` is the revision that you edited; the service uses it to refuse a change that would overwrite someone else's. While products use the template, a revision with problems is refused.",
    may: 'catalog:write',
    params: SavedParams,
    body: z.strictObject({
      source: z.string().min(1).max(MAX_SOURCE_BYTES).meta({ description: 'JSON5' }),
      revision: z.int().min(0).meta({ description: 'The revision that you edited; 0 for a new template' }),
      note: z.string().trim().min(1).max(200).optional().meta({ description: 'What was changed, and why' }),
      needs: z
        .array(Need)
        .max(100)
        .optional()
        .meta({ description: 'From an export: these files must be in labels/ here, with the same content' }),
      pictures: z
        .array(Picture)
        .max(20)
        .optional()
        .meta({ description: 'Pictures from an export; each one is saved if no picture here has its name' }),
    }),
    bodyLimit: MAX_IMPORT_BYTES,
    example: {
      source: '{ media: { width: 50, height: 25 }, boxes: [{ type: "qr", x: 2, y: 2, w: 20, h: 20 }] }',
      revision: 0,
    },
    answer: z.object({ name: z.string(), revision: z.int(), hash: z.string(), check: TemplateCheck }),
    refusals: ['template-wrong', 'template-changed', 'template-file', 'busy'],
  },
  'DELETE /v1/label-templates/{name}': {
    tag: 'labels',
    summary: 'Remove a label template that no product uses',
    description:
      'The revisions stay in the ledger, because labels were printed with them. A file in labels/ cannot be removed here.',
    may: 'catalog:write',
    params: SavedParams,
    answer: z.object({}),
    refusals: ['not-found', 'template-in-use', 'template-file'],
  },
} satisfies Declarations;

export function templateRoutes(on: On, services: Services): void {
  const { labels, ledger, config } = services;
  on(templateOperations, 'GET /v1/label-templates', async () => ({
    templates: await labels.templates(),
    saved: (await ledger.templates()).map((one) => shown(one)),
    waiting: (await ledger.approvalRequests()).map(({ name, revision, ...asked }) => ({
      name,
      revision,
      ...signed(asked),
    })),
  }));
  on(templateOperations, 'GET /v1/label-templates/{name}', async ({ params: { name }, c }) => {
    const { use, products } = await usersOf(services, name);
    return withUses(await labels.check(name, use), products, languageOf(c));
  });
  on(templateOperations, 'POST /v1/label-preview', async ({ c, body }) => {
    const { site } = config;
    const products = await ledger.products();
    const known = products.find(({ id }) => id === body.id);
    const product = withPattern(body, { known, others: products, site });
    // With the code of a sample site, the preview would show S/Ns, but the service would then refuse to save the
    // product.
    if (site === undefined && hasSite(product.serialPattern ?? '')) throw siteMissing(product.serialPattern ?? '');
    const bytes = await labels.one({ data: sampleData(product, site), product }, 'svg', { sample: true });
    return c.body(Uint8Array.from(bytes), 200, { 'content-type': TYPES.svg, 'cache-control': 'no-store' });
  });
  savedRoutes(on, services);
  removeRoute(on, services);
  logoRoutes(on, services);
  draftRoutes(on, services);
  on(templateOperations, 'GET /v1/label-templates/{name}/preview.svg', async ({ c, params: { name }, query }) => {
    const { products } = await usersOf(services, name);
    const product = products[0] ?? newProduct('SAMPLE', [], config.site);
    const choice = { template: name, sample: true as const, ...present({ revision: query.revision }) };
    const bytes = await labels.one({ data: sampleOf(query.values, product, config.site), product }, 'svg', choice);
    return c.body(Uint8Array.from(bytes), 200, { 'content-type': TYPES.svg, 'cache-control': 'no-store' });
  });
}

/** Operations on the revisions that people save. */
function savedRoutes(on: On, services: Services): void {
  const { labels, ledger } = services;
  on(templateOperations, 'GET /v1/label-templates/{name}/source', async ({ params: { name }, query }) => {
    const { origin, hash, source, saved } = await labels.source(name, await revisionOf(ledger, name, query));
    const { needs } = await labels.checkSource({ name, source }, { logos: [] });
    const pictures = query.pictures === 'true' ? { pictures: await contentsOf(labels, needs) } : {};
    return { name, origin, revision: saved?.revision ?? 0, hash, source, needs, ...pictures };
  });
  on(templateOperations, 'GET /v1/label-templates/{name}/revisions', async ({ params: { name }, query }) => {
    const revisions = await ledger.templateRevisions({ name, ...query });
    if (revisions.length === 0) await labels.source(name);
    const last = revisions.length === query.limit ? revisions.at(-1) : undefined;
    const approvals = await ledger.approvals(name);
    const approvalOf = (revision: number) => approvals.find((one) => one.revision === revision);
    const asked = (await ledger.approvalRequests()).find((one) => one.name === name);
    const rows = revisions.map((one) => ({
      ...shown(one, approvalOf(one.revision)),
      ...(asked?.revision === one.revision ? { asked: signed(asked) } : {}),
    }));
    return { revisions: rows, next: last === undefined || last.revision === 1 ? null : last.revision };
  });
  on(
    templateOperations,
    'GET /v1/label-templates/{name}/changes',
    async ({ params: { name }, query: { from, to } }) => {
      const [before, after] = [await labels.source(name, from), await labels.source(name, to)];
      return { changes: changesOf(parseJson5(before.source), parseJson5(after.source)) };
    },
  );
  on(templateOperations, 'PUT /v1/label-templates/{name}', async ({ params: { name }, body, who: { actor }, c }) => {
    const { source, revision, note, needs = [], pictures = [] } = body;
    const { use, products } = await usersOf(services, name);
    const before = await labels.checkSource({ name, source }, use);
    const brought = await savePictures(services, { pictures, needs: before.needs }, actor);
    const check = brought.length === 0 ? before : await labels.checkSource({ name, source }, use);
    const missing = needs.filter(({ file }) => !brought.includes(file));
    refuseMissing(missing, check);
    // A template in the ledger takes precedence over a file with the same name that was added later.
    if (labels.isFile(name) && (await ledger.template(name)) === undefined)
      throw refusal('template-file', 'fixed', { template: name });
    // Products with `approval` do not print this revision before it is approved.
    const using = products.filter(({ approval }) => approval !== true);
    if (check.problems.length > 0 && using.length > 0)
      throw refusal('template-wrong', 'inUse', {
        template: name,
        products: using.map(({ id }) => id).join(', '),
        problems: check.problems.join('; '),
      });
    refuseUnfitUse(using, name, check);
    const saved = await ledger.record({ kind: 'save-template', name, source, revision, ...present({ note }), actor });
    return { ...saved, check: withUses(check, products, languageOf(c)) };
  });
}

/** Throws `not-found` if the caller asks for the approved revision and there is none. */
async function revisionOf(
  ledger: Services['ledger'],
  name: string,
  { revision, approved }: { revision?: number | undefined; approved?: 'true' | undefined },
): Promise<number | undefined> {
  if (approved === undefined) return revision;
  const found = await ledger.approvedTemplate(name);
  if (found === undefined) throw refusal('not-found', 'noApproved', { template: name });
  return found.revision;
}

/** Adds the operation that removes a template. The service refuses to remove a template that products use. */
function removeRoute(on: On, { labels, ledger }: Services): void {
  on(templateOperations, 'DELETE /v1/label-templates/{name}', async ({ params: { name }, who: { actor } }) => {
    if ((await ledger.template(name)) === undefined && labels.isFile(name))
      throw refusal('template-file', 'fixed', { template: name });
    await ledger.record({ kind: 'remove-template', name, actor });
    return {};
  });
}

async function contentsOf(labels: Services['labels'], needs: TemplateNeed[]): Promise<z.input<typeof Picture>[]> {
  const found = [];
  for (const { file, sha256 } of needs) {
    if (sha256 === undefined || !file.startsWith(LOGOS)) continue;
    const content = await labels.picture(file.slice(LOGOS.length));
    found.push({ file, content: Buffer.from(content).toString('base64') });
  }
  return found;
}

/** In `needs`, the names of pictures begin with this folder. */
const LOGOS = 'logos/';

/**
 * Saves the pictures of an export that are missing here. A picture that exists here is never replaced. Returns the
 * files that were saved.
 */
async function savePictures(
  services: Services,
  { pictures, needs }: { pictures: z.output<typeof Picture>[]; needs: TemplateNeed[] },
  actor: string,
): Promise<string[]> {
  const missing = needs.filter(({ sha256 }) => sha256 === undefined).map(({ file }) => file);
  const saved = [];
  for (const { file, content } of pictures) {
    const name = file.slice(LOGOS.length);
    if (!missing.includes(file) || !file.startsWith(LOGOS) || !LOGO_NAME.test(name)) continue;
    await saveLogo(services, name, content, actor);
    saved.push(file);
  }
  return saved;
}

/**
 * Refuses a template whose fonts or pictures are missing or different on this machine, because its labels would look
 * different.
 */
export function refuseMissing(needs: TemplateNeed[], { needs: found }: Checked): void {
  const missing = needs.filter(({ file, sha256 }) => found.find((one) => one.file === file)?.sha256 !== sha256);
  if (missing.length > 0)
    throw refusal('template-wrong', 'needs', { files: missing.map(({ file }) => file).join(', ') });
}

function shown({ at, seq: _seq, note, ...revision }: TemplateRevision, approval?: Approval): z.input<typeof Revision> {
  return { ...revision, at: shownTime(at), ...present({ note, approved: approval && signed(approval) }) };
}
