import { z } from 'zod';
import { LOGO_NAME, MAX_UPLOAD_BYTES, picturesIn } from '../../model/labels/saved-logo.ts';
import { refusal } from '../../platform/error.ts';
import type { Declarations, On } from '../operation.ts';
import { shownTime, Time } from '../schemas.ts';
import type { Services } from '../services.ts';

/* Pictures for labels: the files in labels/logos/, and those that people uploaded. */

const LogoName = z
  .string()
  .regex(LOGO_NAME, 'must be the name of a picture, such as logo.png')
  .meta({ description: 'The name of the picture', examples: ['logo.png'] });

const Logo = z
  .object({
    name: z.string(),
    origin: z.enum(['file', 'ledger']).meta({ description: '`file`: in labels/logos/. `ledger`: uploaded' }),
    hash: z.string().optional().meta({ description: 'SHA-256 of an uploaded picture, in hexadecimal' }),
    width: z.int().optional().meta({ description: 'Pixels' }),
    height: z.int().optional(),
    bytes: z.int().optional(),
    at: Time.optional(),
    by: z.string().optional().meta({ description: 'Who uploaded it' }),
    products: z.array(z.string()).meta({ description: 'Products that use it as their logo' }),
    templates: z.array(z.string()).meta({ description: 'Label templates that use it' }),
  })
  .meta({ id: 'Logo' });

/** Base64 needs four characters for three bytes. */
const MAX_BASE64 = Math.ceil(MAX_UPLOAD_BYTES / 3) * 4;

/** A black square of 1 × 1 pixel. */
const EXAMPLE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==';

export const logoOperations = {
  'GET /v1/label-logos': {
    tag: 'labels',
    summary: 'Pictures for labels, each with the products and templates that use it',
    may: 'catalog:read',
    answer: z.object({ logos: z.array(Logo) }),
  },
  'GET /v1/label-logos/{name}': {
    tag: 'labels',
    summary: 'An uploaded picture',
    may: 'catalog:read',
    params: z.object({ name: LogoName }),
    file: { types: ['image/png'], description: 'The picture, as it was drawn again after the upload' },
    refusals: ['not-found'],
  },
  'PUT /v1/label-logos/{name}': {
    tag: 'labels',
    summary: 'Upload a picture for labels',
    description:
      'The service checks the PNG, JPEG or SVG, draws it again in grey, and keeps only these pixels, as a PNG of at most 48 KB. A picture with a known name becomes the next revision under this name, and labels are printed with the newest revision.',
    may: 'catalog:write',
    params: z.object({ name: LogoName }),
    body: z.strictObject({
      picture: z.string().min(1).max(MAX_BASE64).meta({ description: 'The file in base64, at most 2 MB' }),
    }),
    bodyLimit: MAX_BASE64 + 1024,
    example: { picture: EXAMPLE },
    answer: z.object({ name: z.string(), revision: z.int(), hash: z.string(), width: z.int(), height: z.int() }),
    refusals: ['template-wrong', 'logo-in-use', 'busy'],
  },
  'DELETE /v1/label-logos/{name}': {
    tag: 'labels',
    summary: 'Remove an uploaded picture that no product and no template uses',
    description: 'It stays in the ledger, because labels were printed with it.',
    may: 'catalog:write',
    params: z.object({ name: LogoName }),
    answer: z.object({}),
    refusals: ['not-found', 'logo-in-use'],
  },
} satisfies Declarations;

export function logoRoutes(on: On, services: Services): void {
  const { ledger, labels } = services;
  on(logoOperations, 'GET /v1/label-logos', async () => {
    const [saved, products, templates] = await Promise.all([ledger.logos(), ledger.products(), picturesOf(services)]);
    const usersOf = (name: string) => ({
      products: products.filter(({ logo }) => logo === name).map(({ id }) => id),
      templates: templates.filter(({ pictures }) => pictures.includes(name)).map((one) => one.name),
    });
    const uploaded = saved.map(({ seq: _seq, revision: _revision, at, ...logo }) => ({
      ...logo,
      origin: 'ledger' as const,
      at: shownTime(at),
      ...usersOf(logo.name),
    }));
    const files = labels.logoFiles().filter((name) => !saved.some((one) => one.name === name));
    return { logos: [...files.map((name) => ({ name, origin: 'file' as const, ...usersOf(name) })), ...uploaded] };
  });
  on(logoOperations, 'GET /v1/label-logos/{name}', async ({ c, params: { name } }) => {
    const logo = await ledger.logo(name);
    if (logo === undefined) throw refusal('not-found', 'logo', { logo: name });
    return c.body(Uint8Array.from(Buffer.from(logo.png, 'base64')), 200, {
      'content-type': 'image/png',
      'cache-control': 'no-cache',
    });
  });
  on(logoOperations, 'PUT /v1/label-logos/{name}', async ({ params: { name }, body, who: { actor } }) =>
    saveLogo(services, name, body.picture, actor),
  );
  on(logoOperations, 'DELETE /v1/label-logos/{name}', async ({ params: { name }, who: { actor } }) => {
    if (labels.logoFiles().includes(name) && (await ledger.logo(name)) === undefined)
      throw refusal('logo-in-use', 'file', { logo: name });
    const templates = (await picturesOf(services)).filter(({ pictures }) => pictures.includes(name));
    await ledger.record({ kind: 'remove-logo', name, templates: templates.map((one) => one.name), actor });
    return {};
  });
}

/** Draws the picture again and saves it. `picture` is the file in base64. */
export async function saveLogo({ ledger, labels }: Services, name: string, picture: string, actor: string) {
  if (labels.logoFiles().includes(name) && (await ledger.logo(name)) === undefined)
    throw refusal('logo-in-use', 'file', { logo: name });
  const drawn = await labels.redrawPicture(name, Buffer.from(picture, 'base64'));
  const saved = await ledger.record({ kind: 'save-logo', name, ...drawn, actor });
  return { ...saved, width: drawn.width, height: drawn.height };
}

/** Returns the templates with the names of their pictures. */
async function picturesOf({ labels }: Services): Promise<{ name: string; pictures: string[] }[]> {
  const found = [];
  for (const name of await labels.templates())
    found.push({ name, pictures: picturesIn((await labels.source(name)).source) });
  return found;
}
