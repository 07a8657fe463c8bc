import { createRemoteJWKSet, jwtVerify } from 'jose';
import type * as oidc from 'openid-client';
import type { SignOnSettings } from '../../contract/sign-on/settings.ts';
import { refusal } from '../../platform/error.ts';
import { isShort, SKEW_S, TIMEOUT_S } from './description.ts';

/* The messages of the issuer about ended sessions (OpenID Connect Back-Channel Logout). */

/** The maximum age of a logout token, which OpenID Connect Back-Channel Logout, section 2.4 recommends. */
const LOGOUT_AGE_S = 120;

/** OpenID Connect Back-Channel Logout, section 2.4. */
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

const LOGOUT_TYPES = ['logout+jwt', 'jwt', ''];

/** The content of the issuer's message about ended sessions. */
export interface LogoutToken {
  subject?: string;
  issuerSession?: string;
  /** The time when the issuer sent it, in ms since 1970. */
  at: number;
}

/**
 * Stores each issuer's public keys under the issuer's description. If a token has an unknown key, the keys are read
 * again.
 */
const keys = new WeakMap<object, ReturnType<typeof createRemoteJWKSet>>();

/** Throws `logout-token-wrong` unless the issuer signed the token for this service and this purpose. */
export async function readLogoutToken(
  token: string,
  description: oidc.Configuration,
  { issuer, client }: SignOnSettings,
): Promise<LogoutToken> {
  const { jwks_uri: address = '', id_token_signing_alg_values_supported: signed = ['RS256'] } =
    description.serverMetadata();
  const set = keys.get(description) ?? createRemoteJWKSet(new URL(address), { timeoutDuration: TIMEOUT_S * 1000 });
  keys.set(description, set);
  const { payload, protectedHeader } = await jwtVerify(token, set, {
    issuer,
    audience: client,
    // If the client secret were accepted as the key, anyone who has it could make such a message.
    algorithms: signed.filter((one) => one !== 'none' && !one.startsWith('HS')),
    clockTolerance: SKEW_S,
    maxTokenAge: LOGOUT_AGE_S,
    requiredClaims: ['iat', 'jti', 'events'],
  });
  // Older issuers set the type `JWT` or no type. A token of any other type is for another purpose.
  if (!LOGOUT_TYPES.includes(protectedHeader.typ?.toLowerCase() ?? '')) throw refusal('logout-token-wrong', 'token');
  return logoutIn(payload);
}

/** Checks what OpenID Connect Back-Channel Logout, section 2.6 asks for in addition to signature, issuer and times. */
function logoutIn({ sub, sid, iat, events, nonce }: Record<string, unknown>): LogoutToken {
  const isLogout = typeof events === 'object' && events !== null && Object.hasOwn(events, LOGOUT_EVENT);
  if (!isLogout || nonce !== undefined || typeof iat !== 'number' || (typeof sub !== 'string' && !isShort(sid)))
    throw refusal('logout-token-wrong', 'token');
  return {
    at: iat * 1000,
    ...(typeof sub === 'string' ? { subject: sub } : {}),
    ...(isShort(sid) ? { issuerSession: sid } : {}),
  };
}

/** The issuer's clock may be behind, so the message also ends sessions that began up to this long after it. */
export const LOGOUT_SLACK_MS = SKEW_S * 1000;
