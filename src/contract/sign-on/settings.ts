import { z } from 'zod';
import { list } from '../../model/setting-types.ts';
import { isLoopback } from '../../platform/loopback.ts';
import { SIGN_ON_ROLES, type SignOnRole } from '../../model/role.ts';

/*
 * The settings for sign-on with OpenID Connect. The issuer is the program that knows the accounts, for example Keycloak
 * or Entra ID. The groups that it reports for a person decide the person's role.
 */

/** The maximum number of rows. No one could check a longer table by reading it. */
const MAX_GROUPS_IN_TABLE = 50;

const issuer = z.string().superRefine((text, context) => {
  const message = issuerProblem(text);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

function issuerProblem(text: string): string | undefined {
  if (/[\s\\]/.test(text) || !/^https?:\/\//.test(text) || !URL.canParse(text))
    return 'must be an address such as https://login.example.com/realms/factory';
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(text);
  if (search !== '' || hash !== '' || username !== '' || password !== '')
    return 'must be an address without "?", "#", user name or password';
  if (pathname.includes('/.well-known/'))
    return 'is the address of a document: leave out "/.well-known/…", which the service adds';
  if (protocol === 'http:' && !isLoopback(hostname.replace(/^\[|\]$/g, '')))
    return 'must begin with https://, because anyone on the network could change what an http address answers';
  if (hostname === 'login.microsoftonline.com' && /^\/(common|organizations|consumers)\b/.test(pathname))
    return `accepts accounts of every company: replace "${pathname.split('/')[1]}" with your own tenant ID`;
  return undefined;
}

const row = z.string().superRefine((text, context) => {
  const { group, role } = rowOf(text);
  if (group === '') context.addIssue({ code: 'custom', message: `must be GROUP=ROLE, such as line-leads=lead` });
  else if (role === 'auditor')
    context.addIssue({
      code: 'custom',
      message: `"${group}" cannot be auditor, because an auditor needs products and a last day: make auditors with claimstamp person set`,
    });
  else if (!isSignOnRole(role))
    context.addIssue({
      code: 'custom',
      message: `"${role}" is not a role for "${group}": use ${SIGN_ON_ROLES.join(', ')}`,
    });
});

export const SIGN_ON_SETTINGS = {
  signOnIssuer: issuer.optional().meta({
    description:
      'Address of the OpenID Connect issuer for [sign-on](access.md#sign-on), exactly as in its tokens; needs `CLAIMSTAMP_PUBLIC_URL`',
    'x-default': 'off: people sign in with a name and a password',
  }),
  signOnClient: z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters without spaces')
    .optional()
    .describe('Client ID of this service at the issuer'),
  signOnSecret: z
    .string()
    .regex(/^[\x21-\x7e]{8,512}$/, 'must be 8 to 512 printable ASCII characters without spaces')
    .optional()
    .meta({
      description: 'Client secret of this service at the issuer',
      'x-default': 'none: a public client, with PKCE only',
      'x-secret': true,
    }),
  signOnRoles: list(row)
    .refine((rows) => rows.length <= MAX_GROUPS_IN_TABLE, `must be at most ${MAX_GROUPS_IN_TABLE} rows`)
    .refine((rows) => new Set(rows.map((one) => rowOf(one).group)).size === rows.length, 'names a group twice')
    .default([])
    .describe(
      "Which group gets which role, separated by commas: `line-leads=lead`. The first row that names one of the person's groups applies",
    ),
  signOnGroups: z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters without spaces')
    .default('groups')
    .describe("Name of the issuer's claim that lists the person's groups"),
  signOnScopes: list(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, 'must be scopes, separated by commas'))
    .refine((scopes) => scopes.includes('openid'), 'must contain openid')
    .default(['openid', 'profile'])
    .describe('Scopes to ask the issuer for, separated by commas; some issuers need one more for groups'),
  signOnLogout: z
    .enum(['back-channel', 'none'])
    .default('none')
    .describe(
      '`back-channel`: the issuer tells this service when a session ends; `none`: sessions last an hour at most',
    ),
  signOnName: z.string().trim().min(1).max(40, 'must be at most 40 letters').optional().meta({
    description: 'Name of the issuer on the sign-in page, such as `Example Works account`',
    'x-default': 'the host name of the issuer',
  }),
};

type Settings = z.infer<z.ZodObject<typeof SIGN_ON_SETTINGS>> & {
  publicUrl?: string | undefined;
};

/** The settings of a service at which people sign on with an issuer. */
export interface SignOnSettings {
  issuer: string;
  client: string;
  secret?: string;
  /** In order: the first row that names one of the person's groups applies. */
  roles: { group: string; role: SignOnRole }[];
  claim: string;
  scopes: string[];
  /** True if the issuer tells this service when a session ends. */
  backChannel: boolean;
  /** The name of the issuer on the sign-in page. */
  name: string;
  /** The address of this service, without "/" at its end. */
  publicUrl: string;
}

/** Returns the settings for sign-on, or undefined if people cannot sign on with an issuer. */
export function signOnSettings(config: Settings): SignOnSettings | undefined {
  const { signOnIssuer: issuer, signOnClient: client, signOnSecret: secret, publicUrl } = config;
  if (issuer === undefined || client === undefined || publicUrl === undefined) return undefined;
  return {
    issuer,
    client,
    ...(secret === undefined ? {} : { secret }),
    roles: config.signOnRoles.map(rowOf).flatMap(({ group, role }) => (isSignOnRole(role) ? [{ group, role }] : [])),
    claim: config.signOnGroups,
    scopes: config.signOnScopes,
    backChannel: config.signOnLogout === 'back-channel',
    name: config.signOnName ?? new URL(issuer).host,
    publicUrl: publicUrl.replace(/\/$/, ''),
  };
}

/**
 * Splits a row into group and role at the last "=", because a group of a directory may be named `CN=leads,OU=plant`.
 */
function rowOf(text: string): { group: string; role: string } {
  const at = text.lastIndexOf('=');
  return { group: text.slice(0, Math.max(at, 0)).trim(), role: text.slice(at + 1).trim() };
}

function isSignOnRole(role: string): role is SignOnRole {
  return SIGN_ON_ROLES.some((one) => one === role);
}

/** Returns why the sign-on settings do not fit together. `given` has the names of all settings that are set. */
export function signOnProblems(settings: Partial<Settings>, given: readonly string[]): string[] {
  const alone = given.filter((name) => name.startsWith('signOn') && name !== 'signOnIssuer');
  if (!given.includes('signOnIssuer'))
    return alone.length === 0
      ? []
      : [`${alone.map(variable).join(', ')} ${alone.length === 1 ? 'needs' : 'need'} CLAIMSTAMP_SIGN_ON_ISSUER`];
  const missing = [
    ...(given.includes('signOnClient') ? [] : ['CLAIMSTAMP_SIGN_ON_CLIENT: the client ID that the issuer shows']),
    ...(given.includes('signOnRoles') ? [] : ['CLAIMSTAMP_SIGN_ON_ROLES: without it, every sign-on is refused']),
    ...(given.includes('publicUrl') ? [] : ['CLAIMSTAMP_PUBLIC_URL: the issuer sends people back to this address']),
  ];
  return [
    ...missing.map((text) => `CLAIMSTAMP_SIGN_ON_ISSUER needs ${text}`),
    ...(given.includes('signOnRoles') && settings.signOnRoles?.length === 0
      ? ['CLAIMSTAMP_SIGN_ON_ROLES is empty: every sign-on would be refused']
      : []),
  ];
}

function variable(name: string): string {
  return `CLAIMSTAMP_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
