import { errors as jose } from 'jose';
import * as oidc from 'openid-client';
import type { SignOnSettings } from '../../contract/sign-on/settings.ts';
import { isObject } from '../../model/event.ts';
import { ClaimstampError, isCode, refusal } from '../../platform/error.ts';

/*
 * The issuer's description of itself (OpenID Connect Discovery), and the errors of the libraries that talk to the
 * issuer.
 */

/** How long, in s, one request to the issuer may take. A sign-on needs at most four requests. */
export const TIMEOUT_S = 5;

/** The clocks of the issuer and of this service may differ by this much, in s. */
export const SKEW_S = 60;

/**
 * How long, in ms, the issuer's description is used. Issuers rarely change their descriptions. If they change their
 * keys, the description stays the same.
 */
const FRESH_MS = 60 * 60 * 1000;

/**
 * If the issuer did not answer, the service does not ask again for this long (ms). A person takes longer than this to
 * try again.
 */
const PAUSE_MS = 5000;

/**
 * The maximum number of sign-ons that wait for the issuer at the same time. Even at a change of shift, fewer people
 * than this wait.
 */
const MAX_AT_ONCE = 32;

/** OpenID Connect Core, section 2: a subject has 255 characters at most. */
const MAX_LETTERS = 255;

interface Found {
  at: number;
  description: Promise<oidc.Configuration>;
  failed?: unknown;
}

/** Calls `act` with the issuer's description of itself. Throws refusals that a person understands. */
export type Asking = <T>(act: (description: oidc.Configuration) => Promise<T>) => Promise<T>;

/** `clock` is monotonic, in ms. */
export function openDescription(settings: SignOnSettings, clock: () => number): Asking {
  let found: Found | undefined;
  let waiting = 0;

  function described(): Promise<oidc.Configuration> {
    if (found?.failed !== undefined && clock() - found.at < PAUSE_MS) return Promise.reject(found.failed);
    if (found !== undefined && found.failed === undefined && clock() - found.at < FRESH_MS) return found.description;
    const asked: Found = { at: clock(), description: discover(settings) };
    found = asked;
    asked.description.catch((error: unknown) => {
      asked.at = clock();
      asked.failed = asRefusal(error, settings.issuer);
    });
    return asked.description;
  }

  return async (act) => {
    if (waiting >= MAX_AT_ONCE) throw refusal('busy', 'signIns');
    waiting++;
    try {
      return await act(await described());
    } catch (error) {
      const refused = asRefusal(error, settings.issuer);
      // The issuer may have other keys by now. The next attempt reads the issuer's description and keys again.
      if (isCode(refused, 'sign-on-failed') && found !== undefined && clock() - found.at > PAUSE_MS) found = undefined;
      throw refused;
    } finally {
      waiting--;
    }
  };
}

async function discover({ issuer, client, secret }: SignOnSettings): Promise<oidc.Configuration> {
  const url = new URL(issuer);
  const description = await oidc.discovery(
    url,
    client,
    { [oidc.clockTolerance]: SKEW_S },
    (server, ...rest) => authenticate(server, secret)(server, ...rest),
    {
      timeout: TIMEOUT_S,
      // The settings allow http only on this machine.
      execute: [oidc.enableNonRepudiationChecks, ...(url.protocol === 'http:' ? [oidc.allowInsecureRequests] : [])],
    },
  );
  // For Entra ID and Azure AD B2C, the library accepts a description that names another issuer.
  if (description.serverMetadata().issuer !== issuer)
    throw refusal('sign-on-unavailable', 'otherIssuer', { issuer, other: description.serverMetadata().issuer });
  return description;
}

/** An issuer that lists no methods accepts Basic (OpenID Connect Discovery, section 3). */
function authenticate(server: oidc.ServerMetadata, secret: string | undefined): oidc.ClientAuth {
  if (secret === undefined) return oidc.None();
  const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return methods.includes('client_secret_basic') ? oidc.ClientSecretBasic(secret) : oidc.ClientSecretPost(secret);
}

const ANSWERS_BADLY = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'OAUTH_RESPONSE_IS_NOT_JSON', 'OAUTH_PARSE_ERROR']);

/**
 * Returns the refusal for an error of the libraries. Such an error may contain tokens, so it must not be logged.
 * Returns any other error as it is.
 */
function asRefusal(error: unknown, issuer: string): unknown {
  if (error instanceof ClaimstampError) return error;
  if (error instanceof oidc.AuthorizationResponseError) return answered(error.error, issuer);
  if (error instanceof oidc.ResponseBodyError) {
    if (error.error === 'invalid_grant') return refusal('sign-on-failed', 'codeUsed');
    const client = error.error === 'invalid_client' || error.error === 'unauthorized_client';
    return client
      ? refusal('sign-on-unavailable', 'client', { issuer })
      : refusal('sign-on-unavailable', 'answer', { issuer, error: short(error.error) });
  }
  if (error instanceof jose.JWKSTimeout || error instanceof jose.JWKSInvalid)
    return refusal('sign-on-unavailable', 'silent', { issuer });
  if (error instanceof jose.JOSEError) return refusal('logout-token-wrong', 'token');
  // A 401 for the access token is the issuer's fault, and any other 401 means that the issuer does not know this
  // service.
  if (error instanceof oidc.WWWAuthenticateChallengeError)
    return refusal('sign-on-unavailable', error.cause[0]?.scheme === 'bearer' ? 'status' : 'client', { issuer });
  // `fetch` throws a TypeError with a cause if the network fails.
  if (error instanceof TypeError && error.cause !== undefined)
    return refusal('sign-on-unavailable', 'silent', { issuer });
  if (!(error instanceof oidc.ClientError)) return error;
  const { code = '' } = error;
  if (code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED') return refusal('sign-on-failed', 'clock');
  const other = otherIssuer(error);
  if (other !== undefined) return refusal('sign-on-unavailable', 'otherIssuer', { issuer, other });
  if (code === 'OAUTH_RESPONSE_IS_NOT_CONFORM') return refusal('sign-on-unavailable', 'status', { issuer });
  if (code === '' || ANSWERS_BADLY.has(code)) return refusal('sign-on-unavailable', 'silent', { issuer });
  return refusal('sign-on-failed', 'token');
}

/** Returns the issuer that the description names, if it is not the issuer in the settings. */
function otherIssuer(error: unknown): string | undefined {
  const cause = error instanceof oidc.ClientError ? error.cause : undefined;
  if (!isObject(cause) || cause['attribute'] !== 'issuer' || !isObject(cause['body'])) return undefined;
  const { issuer } = cause['body'];
  return typeof issuer === 'string' ? issuer.slice(0, MAX_LETTERS) : undefined;
}

/**
 * Returns the refusal for an error that the issuer sent through the browser, such as `access_denied` (RFC 6749,
 * 4.1.2.1).
 */
function answered(error: string, issuer: string): ClaimstampError {
  if (error === 'temporarily_unavailable' || error === 'server_error')
    return refusal('sign-on-unavailable', 'answer', { issuer, error });
  return refusal('sign-on-refused', 'issuer', { error: short(error) });
}

function short(error: string): string {
  return /^[a-z_]{1,40}$/.test(error) ? error : '?';
}

/** True for a text that may be a subject or the name of a session. */
export function isShort(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_LETTERS;
}
