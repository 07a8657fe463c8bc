import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { IdentityRules } from './model/identity/placeholders.ts';
import { IDENTITY_SETTINGS } from './model/link/identity-settings.ts';
import { BACKUP_SETTINGS } from './contract/backup-settings.ts';
import { ALARM_SETTINGS } from './contract/alarm-settings.ts';
import { LOG_SETTINGS } from './contract/log-settings.ts';
import { INTEGRATION_SETTINGS } from './contract/integration-settings.ts';
import { PROOF_SETTINGS } from './contract/proof-settings.ts';
import { LIMIT_SETTINGS } from './model/limits.ts';
import { startOf, type Start } from './platform/package-root.ts';
import { hasUrlLeadingZeros } from './platform/leading-zeros.ts';
import { isLoopback } from './platform/loopback.ts';
import { ClaimstampError } from './platform/error.ts';
import { fileError } from './platform/file-error.ts';
import { isObject } from './model/event.ts';
// Imported only for its effect: it replaces zod's own messages.
import './platform/validation-words.ts';
import { catalogProblems } from './model/catalog.ts';
import { Printer } from './model/printer.ts';
import { Product, ProductId } from './model/product.ts';
import {
  cloudUrl,
  hostName,
  isPrinterEntry,
  list,
  path,
  publicUrl,
  reasons,
  serviceUrl,
  whole,
} from './model/setting-types.ts';
import { SIGN_ON_SETTINGS, signOnProblems } from './contract/sign-on/settings.ts';
import { logoProblems, readConsoleSettings, SITE_SETTINGS } from './contract/site-settings.ts';
import { Cidr, StationDefinition } from './model/station.ts';
import { tlsProblems } from './platform/tls.ts';
import { WorkOrderDefinition } from './model/work-order.ts';
import { parseJson5 } from './platform/json5.ts';
import { own, isKey, keysOf } from './platform/own.ts';
import { zoneProblems } from './platform/time-zone.ts';

/** A shorter key could be guessed. 22 random base64url characters have more than 128 bits. */
export const StationKey = z
  .string()
  .regex(/^[A-Za-z0-9_-]{22,128}$/, 'must be 22 to 128 letters, digits, "_" or "-": use "claimstamp station key"');

const CatalogStation = StationDefinition.extend({ key: StationKey.optional() });

const DEFAULT_DATA = './data';

/**
 * The schema of all settings. The names are those in the JSON5 file. The environment variable of a setting has the
 * setting's name in capitals, with the prefix `CLAIMSTAMP_`. Only `HOST` and `PORT` have no prefix.
 */
export const Settings = z.strictObject({
  host: hostName.default('127.0.0.1').describe('Address on which the service listens; `0.0.0.0` for all addresses'),
  port: whole('a port', 0, 65_535).default(4100).describe('Port on which the service listens; 0 for any free port'),
  data: path.default(DEFAULT_DATA).describe('The data folder; the service makes it if it is missing'),
  agentAccess: z.enum(['open', 'allowlist', 'key']).optional().meta({
    description: '`open`, `allowlist` or `key`; required as soon as `HOST` is not loopback',
    'x-default': '`open` on loopback',
  }),
  agentAllow: list(Cidr).default([]).describe('Addresses and CIDR blocks, separated by commas'),
  ...LIMIT_SETTINGS,
  products: z
    .enum(['open', 'strict'])
    .default('open')
    .describe('`open`: an unknown product is recorded when it first appears; `strict`: it is refused'),
  ...SITE_SETTINGS,
  defaultProduct: ProductId.optional().describe(
    'The product for requests that name no product; with this setting, the body may be empty',
  ),
  ...IDENTITY_SETTINGS,
  voidReasons: reasons([
    'label-damaged',
    'label-lost',
    'device-failed',
    'wrong-product',
    'duplicate',
    'test-unit',
    'other',
  ]).describe('Reason codes for [void](qa.md#void-and-scrap); people choose one and may add a note'),
  scrapReasons: reasons(['test-failed', 'device-damaged', 'destructive-test', 'recalled', 'other']).describe(
    'Reason codes of [scrap](qa.md#void-and-scrap)',
  ),
  adminToken: z
    .string()
    .regex(/^[\x21-\x7e]{32,512}$/, 'must be at least 32 printable ASCII characters without spaces')
    .optional()
    .meta({
      description: 'Bearer token for `/v1` and `/metrics`, at least 32 characters, never stored',
      'x-secret': true,
    }),
  ...SIGN_ON_SETTINGS,
  ...BACKUP_SETTINGS,
  ...ALARM_SETTINGS,
  ...INTEGRATION_SETTINGS,
  ...PROOF_SETTINGS,
  ...LOG_SETTINGS,
  publicUrl: publicUrl
    .optional()
    .describe('The address that people and agents use; the service accepts requests with its host name'),
  securityContact: list(
    z.string().regex(/^(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+|tel:\+?[0-9-]+)$/, 'must be mailto:…, https://… or tel:…'),
  )
    .default([])
    .meta({
      description:
        'Where to report weaknesses of this installation, such as `mailto:security@example.com`; shown at `/.well-known/security.txt` (RFC 9116)',
      'x-default': 'no such file',
    }),
  url: serviceUrl
    .optional()
    .describe('Address of the service for commands and `serialize`, if it is on another machine'),
  ledger: z
    .string()
    .refine(
      (text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text) && !hasUrlLeadingZeros(text),
      'must be an address such as postgres://claimstamp@db.example.com/claimstamp',
    )
    .optional()
    .meta({
      description:
        '`postgres://user:password@host/database`: a ledger that several processes [share](scale.md); needs `CLAIMSTAMP_SIGNING_KEY`',
      'x-default': 'a file in the data folder',
      'x-secret': true,
    }),
  trustedProxies: list(
    Cidr.refine((cidr) => !cidr.endsWith('/0'), 'would make the service trust every machine: list only the proxies'),
  )
    .default([])
    .describe(
      'Addresses and CIDR blocks of [proxies](admin.md#behind-nginx-or-caddy). The service trusts the `X-Forwarded-For` header of these proxies',
    ),
  tlsCert: path
    .optional()
    .describe(
      'PEM file with the [certificate](admin.md#tls-with-your-own-certificate-authority-ca); needs `CLAIMSTAMP_TLS_KEY`',
    ),
  tlsKey: path.optional().describe("PEM file with the certificate's key"),
  builderUrl: cloudUrl.optional().meta({
    description:
      'The device cloud: the service forwards [registrations](firmware.md#registration) to `<this>/device/register`',
    'x-default': 'off',
  }),
  builderLocal: z.enum(['accept']).optional().meta({
    description: '`accept`: a test mode that answers [registrations](firmware.md#registration) in place of a cloud',
    'x-default': 'off',
  }),
  printerAllow: list(
    z.string().refine(isPrinterEntry, 'must be a host name, an IP address or a block such as 10.0.8.0/24'),
  )
    .default([])
    .meta({
      description:
        'Host names, addresses and CIDR blocks that are allowed for [printers](labels.md#addresses-and-folders), separated by commas',
      'x-default': 'any address except this machine and link-local addresses',
    }),
  printFolders: list(path).default([]).meta({
    description:
      '[Folders](labels.md#addresses-and-folders) that printers of the kind `file` may write to, with their subfolders',
    'x-default': '`<data>/print`',
  }),
  badgeIdle: whole('a whole number of minutes', 1, 1440)
    .default(30)
    .describe(
      'After this many minutes without a scan or key press, the operator must scan a [badge](operator.md) again',
    ),
  reportAlarms: z
    .enum(['pass', 'refuse'])
    .default('pass')
    .describe(
      "Answer to a device that reports another device's Claim ID: `pass` forwards its [registration](firmware.md#registration), `refuse` refuses it",
    ),
  /**
   * Products, work orders, printers and stations that the configuration file defines. Only the configuration file can
   * change these entries.
   */
  catalog: z
    .strictObject({
      products: z.array(Product).default([]),
      workOrders: z.array(WorkOrderDefinition).default([]),
      printers: z.array(Printer).default([]),
      stations: z.array(CatalogStation).default([]),
    })
    .prefault({}),
});

export type Config = z.infer<typeof Settings> & Start & { agentAccess: 'open' | 'allowlist' | 'key' };
type Name = keyof z.infer<typeof Settings>;

export function identityRules({ identityProperties, identityPlaceholders, identityMacs }: Config): IdentityRules {
  return { properties: identityProperties, placeholders: identityPlaceholders, macs: identityMacs };
}

/** The settings whose values are never printed. Each secret may also be in a file of its own (`CLAIMSTAMP_…_FILE`). */
export const SECRETS = keysOf(Settings.shape).filter(
  (name) => z.globalRegistry.get(Settings.shape[name])?.['x-secret'],
);
const PREFIX = 'CLAIMSTAMP_';

/** Returns the name of a setting's environment variable. For example, `adminToken` is `CLAIMSTAMP_ADMIN_TOKEN`. */
export function variableOf(name: Name): string {
  const capitals = name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  return name === 'host' || name === 'port' ? capitals : PREFIX + capitals;
}

type Environment = Record<string, string | undefined>;
type Given = Record<string, unknown>;

/** The settings, where they come from, and all their problems. `config` is present only if there are no problems. */
export interface Examined {
  config?: Config;
  problems: string[];
  /** The settings that have a valid value. */
  sound: Sound;
  /** The source of each value: `default`, the console, the environment, or a file. */
  sources: Record<string, string>;
}

/**
 * Reads the configuration from the environment variables and the file. If a setting is in both, the environment
 * variable applies. Throws a single `invalid` error that lists all problems, each with the name of its setting.
 */
export function readConfig(env: Environment): Config {
  const { config, problems, sources } = examineConfig(env);
  if (config === undefined) throw configRefusal(problems);
  return { ...config, sources, ...startOf(env) };
}

export function configRefusal(problems: string[]): ClaimstampError {
  const heading = `the configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:`;
  return new ClaimstampError('invalid', [heading, ...problems.map((problem) => `  - ${problem}`)].join('\n'));
}

export function examineConfig(env: Environment): Examined {
  const problems: string[] = [];
  const fromFile = readFile(env[`${PREFIX}CONFIG`], problems);
  const fromEnv = readEnvironment(env, problems);
  const { data = DEFAULT_DATA } = { ...fromFile, ...fromEnv };
  const fromConsole = typeof data === 'string' ? readConsoleSettings(data, problems) : {};
  const given = { ...fromConsole, ...fromFile, ...fromEnv };
  const sources = sourcesOf(env, { fromConsole, fromFile, fromEnv });
  const settings = Settings.safeParse(given);
  for (const issue of settings.error?.issues ?? []) problems.push(sentence(issue, fromEnv));
  const sound = soundSettings(given);
  if (sound.builderUrl !== undefined && sound.builderLocal !== undefined)
    problems.push(
      'CLAIMSTAMP_BUILDER_URL and CLAIMSTAMP_BUILDER_LOCAL are both set: keep the first to use a device cloud, or the second to test without a cloud',
    );
  if (sound.ledger !== undefined && sound.signingKey === undefined)
    problems.push(
      'CLAIMSTAMP_LEDGER needs CLAIMSTAMP_SIGNING_KEY: the processes that share a ledger sign its checkpoints, and their sessions, with one key',
    );
  if (sound.backupFolder === undefined && ('backupEvery' in given || 'backupKeep' in given))
    problems.push(
      'CLAIMSTAMP_BACKUP_EVERY and CLAIMSTAMP_BACKUP_KEEP need CLAIMSTAMP_BACKUP_FOLDER: set it to the folder for backups',
    );
  problems.push(
    ...zoneProblems(env['TZ']),
    ...accessProblems(sound),
    ...tlsProblems(sound),
    ...logoProblems(sound.siteLogo),
    ...signOnProblems(sound, Object.keys(given)),
    ...catalogProblems(soundCatalog(given), sound.site),
  );
  if (problems.length > 0 || !settings.success) return { problems, sound, sources };
  const config = { ...settings.data, agentAccess: settings.data.agentAccess ?? ('open' as const) };
  return { config, problems, sound, sources };
}

interface GivenFrom {
  fromConsole: Given;
  fromFile: Given;
  fromEnv: Given;
}

/** The source of a setting that a person set in the console. */
export const IN_CONSOLE = 'console';

function sourcesOf(env: Environment, { fromConsole, fromFile, fromEnv }: GivenFrom): Record<string, string> {
  const source = (name: Name): string => {
    const variable = variableOf(name);
    if (Object.hasOwn(fromEnv, name))
      return env[variable] ? `environment ${variable}` : `file ${env[`${variable}_FILE`]} (${variable}_FILE)`;
    if (Object.hasOwn(fromFile, name)) return `file ${env[`${PREFIX}CONFIG`]}`;
    return Object.hasOwn(fromConsole, name) ? IN_CONSOLE : 'default';
  };
  return Object.fromEntries(keysOf(Settings.shape).map((name) => [name, source(name)]));
}

function readFile(path: string | undefined, problems: string[]): Given {
  if (!path) return {};
  try {
    const value: unknown = parseJson5(readFileSync(path, 'utf8'));
    if (isObject(value)) return value;
    problems.push(`${path}: must hold one JSON5 object`);
  } catch (error) {
    problems.push(`CLAIMSTAMP_CONFIG=${path}: ${fileError(error)}`);
  }
  return {};
}

function readEnvironment(env: Environment, problems: string[]): Record<string, string> {
  const found: Record<string, string> = {};
  const known = new Set([`${PREFIX}CONFIG`]);
  for (const name of keysOf(Settings.shape)) {
    if (name === 'catalog') continue;
    const variable = variableOf(name);
    known.add(variable);
    // For a variable that is not set, a Compose file may pass an empty string. So an empty variable counts as not set.
    const value = own(env, variable);
    // Container tools do not remove quotation marks: --env-file passes PORT="4100" with the quotation marks.
    if (value && /^(["']).*\1\s*$/s.test(value)) problems.push(`${variable}: must not be in quotation marks`);
    else if (value) found[name] = value;
    if (SECRETS.includes(name)) known.add(`${variable}_FILE`);
    const path = SECRETS.includes(name) ? env[`${variable}_FILE`] : undefined;
    if (!path) continue;
    if (own(found, name) !== undefined) problems.push(`${variable} and ${variable}_FILE are both set: keep one`);
    try {
      found[name] = readFileSync(path, 'utf8').trim();
    } catch (error) {
      problems.push(`${variable}_FILE=${path}: ${fileError(error)}`);
    }
  }
  for (const variable of Object.keys(env)) {
    if (variable.toUpperCase().startsWith(PREFIX) && !known.has(variable))
      problems.push(`${variable}: there is no such setting`);
  }
  return found;
}

function sentence(issue: z.core.$ZodIssue, fromEnv: Record<string, string>): string {
  const [first, ...rest] = issue.path;
  if (issue.code === 'unrecognized_keys') {
    const where = issue.path.length === 0 ? 'in the file' : `in ${pathOf(issue.path)}`;
    return `${issue.keys.map((key) => `"${key}"`).join(', ')} ${where}: there is no such setting`;
  }
  const place =
    isKey(Settings.shape, first) && first in fromEnv
      ? `${variableOf(first)}${rest.length > 0 ? ` (${pathOf(rest)})` : ''}`
      : pathOf(issue.path);
  return `${place}: ${issue.message}`;
}

function pathOf(path: PropertyKey[]): string {
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${String(step)}`))
    .join('');
}

/*
 * Finds settings that contradict each other, although each of them is valid by itself. Skips a setting that is not
 * valid by itself, because the schema already reports it. So one start of the program reports all problems.
 */

export type Sound = Partial<z.infer<typeof Settings>>;
type Catalog = z.infer<typeof Settings>['catalog'];

function soundSettings(given: Given): Sound {
  return Object.fromEntries(
    Object.entries(Settings.shape).flatMap(([name, schema]) => {
      const read = schema.safeParse(own(given, name));
      return read.success ? [[name, read.data]] : [];
    }),
  );
}

function soundCatalog({ catalog }: Given): Catalog {
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
    return [
      'CLAIMSTAMP_AGENT_ALLOW has no effect: set CLAIMSTAMP_AGENT_ACCESS=allowlist, or remove CLAIMSTAMP_AGENT_ALLOW',
    ];
  if (host === undefined || isLoopback(host)) return [];
  // This check reports only that agentAccess is missing. The schema reports a wrong value of agentAccess.
  if (!('agentAccess' in settings) || agentAccess !== undefined) return [];
  return [
    `HOST=${host} lets other machines connect: set CLAIMSTAMP_AGENT_ACCESS to open, allowlist or key, to decide who may ask for Claim IDs`,
  ];
}

/** True if other machines can reach the service, either directly or through a proxy. */
export function isReachable({ host, trustedProxies }: Pick<Config, 'host' | 'trustedProxies'>): boolean {
  return !isLoopback(host) || trustedProxies.length > 0;
}
