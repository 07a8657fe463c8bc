import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import JSON5 from 'json5';
import { z } from 'zod';
import { DEFAULT_IDENTITY } from './model/body.ts';
import { ORIGIN, readSigningKey } from './proof/checkpoint.ts';
import { ClaimstampError } from './platform/error.ts';
import { isObject } from './model/event.ts';
// For what it does on loading: zod's own sentences are not for people.
import './platform/validation-words.ts';
import { Printer } from './model/printer.ts';
import { lookalikeProblems, Product, ProductId } from './model/product.ts';
import { Cidr, StationDefinition } from './model/station.ts';
import { readPair } from './platform/tls.ts';
import { WorkOrderDefinition } from './model/work-order.ts';
import { own } from './platform/own.ts';

/** At least 128 bits where it was drawn at random: 22 letters of base64url. */
export const StationKey = z
  .string()
  .regex(/^[A-Za-z0-9_-]{22,128}$/, 'must be 22 to 128 letters, digits, "_" or "-": claimstamp station key makes one');

const CatalogStation = StationDefinition.extend({ key: StationKey.optional() });

const list = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').flatMap((one) => one.trim() || []) : value),
    z.array(item),
  );

/** Digits only: `Number` would take a blank for port 0 and `0x50` for 80. */
const whole = (what: string, least: number, most: number) => {
  const sentence = `must be ${what} from ${least} to ${most}`;
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value),
    z.int(sentence).min(least, sentence).max(most, sentence),
  );
};

/** Requests a minute. The service answers some 5,000 a second: a limit above three times that limits nothing. */
const MAX_RATE = 1_000_000;

/** Claim IDs an hour. The service makes some 18 million, for the same reason. */
const MAX_HOURLY_CAP = 20_000_000;

const reasons = (standard: string[]) =>
  list(z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 small letters, digits or "-"'))
    .refine((codes) => codes.length >= 1 && codes.length <= 30, 'must be 1 to 30 codes')
    .refine((codes) => new Set(codes).size === codes.length, 'names a code twice')
    .default(standard);

const url = z.url({ protocol: /^https?$/, error: 'must be an http or https address' });
const publicUrl = url.refine(
  (text) => new URL(text).pathname === '/' && !/[?#]/.test(text),
  'must be an address without a path: the service has the whole host',
);

/** A path can be put behind it, and it adds no authorization of its own. */
function isPlain({ username, password, href }: URL): boolean {
  return username === '' && password === '' && !/[?#]/.test(href);
}

function isSigningKey(pem: string): boolean {
  try {
    readSigningKey(pem);
    return true;
  } catch {
    return false;
  }
}

/**
 * Every setting under its name in the JSON5 file. In the environment the same name stands in capitals behind
 * `CLAIMSTAMP_`, `HOST` and `PORT` without it.
 */
const Settings = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: whole('a port', 0, 65_535).default(4100),
  data: z.string().min(1).default('./data'),
  agentAccess: z.enum(['open', 'allowlist', 'key']).optional(),
  agentAllow: list(Cidr).default([]),
  stationRate: whole('a whole number of requests a minute', 1, MAX_RATE).optional(),
  addressRate: whole('a whole number of requests a minute', 1, MAX_RATE).optional(),
  hourlyCap: whole('a whole number of new Claim IDs an hour', 1, MAX_HOURLY_CAP).optional(),
  products: z.enum(['open', 'strict']).default('open'),
  defaultProduct: ProductId.optional(),
  identityProperties: list(
    z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/, 'must be names of body properties')
      .refine(
        (name) => !['attributes', 'product', '__proto__'].includes(name),
        'cannot tell devices apart by this property',
      ),
  )
    .refine((names) => new Set(names).size === names.length, 'names a property twice')
    .default(DEFAULT_IDENTITY.properties),
  identityPlaceholders: list(z.string().min(1)).default(DEFAULT_IDENTITY.placeholders),
  /** Codes that say why a unit ends; people choose one and may add words of their own. */
  voidReasons: reasons([
    'label-damaged',
    'label-lost',
    'device-failed',
    'wrong-product',
    'duplicate',
    'test-unit',
    'other',
  ]),
  scrapReasons: reasons(['test-failed', 'device-damaged', 'destructive-test', 'recalled', 'other']),
  adminToken: z
    .string()
    .regex(/^[\x21-\x7e]{32,512}$/, 'must have 32 characters at least, printable ASCII without spaces')
    .optional(),
  /** Scheduled backups: where to, how often (hours), how many are kept. */
  backupFolder: z.string().min(1).optional(),
  backupEvery: whole('a whole number of hours', 1, 8760).default(24),
  backupKeep: whole('a whole number of backups', 1, 1000).default(7),
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  publicUrl: publicUrl.optional(),
  url: url.optional(),
  /** A ledger that several processes share; else one in the data folder. */
  ledger: z
    .string()
    .refine(
      (text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text),
      'must be an address such as postgres://claimstamp@db.example.com/claimstamp',
    )
    .optional(),
  /** Whose X-Forwarded-For is believed: see http/source.ts. */
  trustedProxies: list(Cidr.refine((cidr) => !cidr.endsWith('/0'), 'trusts everyone: name the proxies')).default([]),
  /** PEM files. */
  tlsCert: z.string().min(1).optional(),
  tlsKey: z.string().min(1).optional(),
  /** Signs checkpoints; else a key in the data folder does. PEM text */
  signingKey: z
    .string()
    .refine(isSigningKey, 'must be an Ed25519 private key in PEM: openssl genpkey -algorithm ed25519')
    .optional(),
  /** The log's name in checkpoints; else one of its key's. */
  origin: z
    .string()
    .regex(ORIGIN, 'must be a name without spaces and "+", such as serials.example.com/plant-2')
    .optional(),
  /** The vendor's cloud: registrations are passed on to `<builderUrl>/device/register`. */
  builderUrl: z
    .url({ protocol: /^https$/, error: 'must be an https address, such as https://admin.embedthis.com/api' })
    .refine((text) => !URL.canParse(text) || isPlain(new URL(text)), {
      error: 'must be an address without a name, a password, "?" and "#"',
    })
    .optional(),
  /** A test mode: answers in place of a cloud. */
  builderLocal: z.enum(['accept']).optional(),
  /** How long a badge that was scanned at a station's screen names the operator when nothing is done there. Minutes */
  badgeIdle: whole('a whole number of minutes', 1, 1440).default(30),
  /** A device that names a Claim ID which is not its own: refused before it is passed on, or only shown. */
  reportAlarms: z.enum(['pass', 'refuse']).default('pass'),
  /** The line as this file has it; what stands here is read-only elsewhere. */
  catalog: z
    .strictObject({
      products: z.array(Product).default([]),
      workOrders: z.array(WorkOrderDefinition).default([]),
      printers: z.array(Printer).default([]),
      stations: z.array(CatalogStation).default([]),
    })
    .prefault({}),
});

export type Config = z.infer<typeof Settings> & { agentAccess: 'open' | 'allowlist' | 'key' };
type Name = keyof z.infer<typeof Settings>;

const SECRETS: Name[] = ['adminToken', 'signingKey', 'ledger'];
const PREFIX = 'CLAIMSTAMP_';

/** The name of a setting in the environment: `adminToken` is `CLAIMSTAMP_ADMIN_TOKEN`. */
function variableOf(name: Name): string {
  const capitals = name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  return name === 'host' || name === 'port' ? capitals : PREFIX + capitals;
}

/**
 * The configuration from environment and file, the environment first. Throws one `invalid` error that lists every
 * problem with the name under which it was set.
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const problems: string[] = [];
  const fromFile = readFile(env[`${PREFIX}CONFIG`], problems);
  const fromEnv = readEnvironment(env, problems);
  const given = { ...fromFile, ...fromEnv };
  const settings = Settings.safeParse(given);
  for (const issue of settings.error?.issues ?? []) problems.push(sentence(issue, fromEnv));
  const sound = soundSettings(given);
  if (sound.builderUrl !== undefined && sound.builderLocal !== undefined)
    problems.push('CLAIMSTAMP_BUILDER_URL and CLAIMSTAMP_BUILDER_LOCAL are both set: a cloud, or a test without one');
  if (sound.ledger !== undefined && sound.signingKey === undefined)
    problems.push(
      'CLAIMSTAMP_LEDGER needs CLAIMSTAMP_SIGNING_KEY: the processes that share a ledger sign its checkpoints, and their sessions, with one key',
    );
  if (sound.backupFolder === undefined && ('backupEvery' in given || 'backupKeep' in given))
    problems.push(
      'CLAIMSTAMP_BACKUP_EVERY and CLAIMSTAMP_BACKUP_KEEP need CLAIMSTAMP_BACKUP_FOLDER: say where backups go',
    );
  problems.push(...accessProblems(sound), ...tlsProblems(sound), ...catalogProblems(soundCatalog(given)));
  if (problems.length > 0 || !settings.success) {
    throw new ClaimstampError(
      'invalid',
      `the configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
  }
  return { ...settings.data, agentAccess: settings.data.agentAccess ?? 'open' };
}

function readFile(path: string | undefined, problems: string[]): Record<string, unknown> {
  if (!path) return {};
  try {
    const value: unknown = JSON5.parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    problems.push(`${path}: must hold one JSON5 object`);
  } catch (error) {
    problems.push(`CLAIMSTAMP_CONFIG=${path}: ${(error as Error).message}`);
  }
  return {};
}

function readEnvironment(env: Record<string, string | undefined>, problems: string[]): Record<string, string> {
  const names = Object.keys(Settings.shape) as Name[];
  const found: Record<string, string> = {};
  const known = new Set([`${PREFIX}CONFIG`]);
  for (const name of names) {
    if (name === 'catalog') continue;
    const variable = variableOf(name);
    known.add(variable);
    // An empty variable is what compose files make of one that is not set.
    const value = own(env, variable);
    if (value) found[name] = value;
    if (SECRETS.includes(name)) known.add(`${variable}_FILE`);
    const path = SECRETS.includes(name) ? env[`${variable}_FILE`] : undefined;
    if (!path) continue;
    if (own(found, name) !== undefined) problems.push(`${variable} and ${variable}_FILE are both set: keep one`);
    try {
      found[name] = readFileSync(path, 'utf8').trim();
    } catch (error) {
      problems.push(`${variable}_FILE: ${(error as Error).message}`);
    }
  }
  for (const variable of Object.keys(env)) {
    if (variable.startsWith(PREFIX) && !known.has(variable)) problems.push(`${variable}: there is no such setting`);
  }
  return found;
}

function sentence(issue: z.core.$ZodIssue, fromEnv: Record<string, string>): string {
  const [first, ...rest] = issue.path;
  if (issue.code === 'unrecognized_keys') {
    const where = issue.path.length === 0 ? 'in the file' : `in ${pathOf(issue.path)}`;
    return `${issue.keys.map((key) => `"${key}"`).join(', ')} ${where}: there is no such setting`;
  }
  const name = String(first);
  const place =
    name in fromEnv ? `${variableOf(name as Name)}${rest.length > 0 ? ` (${pathOf(rest)})` : ''}` : pathOf(issue.path);
  return `${place}: ${issue.message}`;
}

function pathOf(path: PropertyKey[]): string {
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${String(step)}`))
    .join('');
}

/*
 * What is right each by itself and wrong together. A setting that is wrong by itself is left out, so that the rules
 * between the others still speak and no problem waits for another to be mended.
 */

type Sound = Partial<z.infer<typeof Settings>>;
type Catalog = z.infer<typeof Settings>['catalog'];

function soundSettings(given: Record<string, unknown>): Sound {
  return Object.fromEntries(
    Object.entries(Settings.shape).flatMap(([name, schema]) => {
      const read = schema.safeParse(own(given, name));
      return read.success ? [[name, read.data]] : [];
    }),
  );
}

function soundCatalog({ catalog }: Record<string, unknown>): Catalog {
  const lists = isObject(catalog) ? catalog : {};
  const sound = <T extends z.ZodType>(item: T, held: unknown): z.infer<T>[] =>
    Array.isArray(held) ? held.flatMap((one) => item.safeParse(one).data ?? []) : [];
  return {
    products: sound(Product, lists['products']),
    workOrders: sound(WorkOrderDefinition, lists['workOrders']),
    printers: sound(Printer, lists['printers']),
    stations: sound(CatalogStation, lists['stations']),
  };
}

function accessProblems(settings: Sound): string[] {
  const { host, agentAccess, agentAllow = [] } = settings;
  if (agentAllow.length > 0 && 'agentAccess' in settings && agentAccess !== 'allowlist')
    return ['CLAIMSTAMP_AGENT_ALLOW does nothing by itself: set CLAIMSTAMP_AGENT_ACCESS=allowlist, or remove it'];
  if (host === undefined || isLoopback(host)) return [];
  // Not set at all, which is not the same as set wrongly.
  if ('agentAccess' in settings && agentAccess === undefined) {
    return [
      `HOST=${host} lets other machines in: set CLAIMSTAMP_AGENT_ACCESS to open, allowlist or key, so that it is clear who may ask for Claim IDs`,
    ];
  }
  return [];
}

function tlsProblems({ tlsCert, tlsKey, publicUrl, trustedProxies = [] }: Sound): string[] {
  if (tlsCert === undefined && tlsKey === undefined) return [];
  if (tlsKey === undefined) return ['CLAIMSTAMP_TLS_CERT is set and CLAIMSTAMP_TLS_KEY is not: set both, or none'];
  if (tlsCert === undefined) return ['CLAIMSTAMP_TLS_KEY is set and CLAIMSTAMP_TLS_CERT is not: set both, or none'];
  if (publicUrl?.startsWith('http:') && trustedProxies.length === 0)
    return [`CLAIMSTAMP_PUBLIC_URL=${publicUrl}: this port speaks TLS, so the address begins with https`];
  try {
    readPair(tlsCert, tlsKey);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

function catalogProblems({ products, stations, workOrders }: Catalog): string[] {
  const keys = stations.flatMap(({ key }) => key ?? []);
  return [
    ...twice(
      'product',
      products.map(({ id }) => id),
    ),
    ...twice(
      'station',
      stations.map(({ name }) => name),
    ),
    ...twice(
      'work order',
      workOrders.map(({ id }) => id),
    ),
    ...twice(
      'source',
      stations.flatMap(({ sources }) => sources),
    ),
    ...twice('station key', keys).map(() => 'two stations have the same key'),
    ...lookalikeProblems(products),
    ...dangling({ products, stations, workOrders }),
  ];
}

/** The catalog stands by itself: what it names is in it. So what is wrong is known here, not at the start. */
function dangling({ products, stations, workOrders }: Pick<Catalog, 'products' | 'stations' | 'workOrders'>): string[] {
  const orphans = workOrders
    .filter(({ product }) => !products.some(({ id }) => id === product))
    .map(({ id, product }) => `catalog: work order ${id} is for product ${product}, which is not in catalog.products`);
  const lost = stations.flatMap(({ name, workOrders: current }) =>
    Object.entries(current).flatMap(([product, id]) => {
      const order = workOrders.find((one) => one.id === id);
      if (order?.product === product) return [];
      const why = order ? `is for product ${order.product}, not ${product}` : 'is not in catalog.workOrders';
      return [`catalog: work order ${id} of station ${name} ${why}`];
    }),
  );
  return [...orphans, ...lost];
}

function twice(what: string, names: string[]): string[] {
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))].map(
    (name) => `catalog: ${what} ${name} is there twice`,
  );
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}
