import * as oidc from 'openid-client';
import type { SignOnSettings } from '../../contract/sign-on/settings.ts';
import { refusal } from '../../platform/error.ts';
import { isShort, openDescription, SKEW_S } from './description.ts';
import { readLogoutToken, type LogoutToken } from './logout-token.ts';

/*
 * Talks to the issuer. The library checks state, nonce, PKCE, issuer (RFC 9207), audience and times. This file
 * and description.ts add bounds, a check of the signature, and refusals that a person understands.
 */

/**
 * How long ago, in ms, a person may have typed the password to confirm an action. This includes the time to enter a
 * one-time code.
 */
const AGAIN_MS = 2 * SKEW_S * 1000;

/** The secrets of one attempt to sign on, which the issuer's answer must match. */
export interface Secrets {
  state: string;
  nonce: string;
  verifier: string;
}

/** A person as the issuer describes them. */
export interface Identified {
  issuer: string;
  subject: string;
  issuerSession?: string;
  /** The time when the person typed a password at the issuer, in ms since 1970. Not all issuers say. */
  confirmedAt?: number;
  claims: Record<string, unknown>;
}

export interface Issuer {
  /** Returns the page of the issuer where the person signs in. With `again`, the person must type the password. */
  begin: (secrets: Secrets, options: { again: boolean }) => Promise<URL>;
  /**
   * Reads the issuer's answer, which arrives through the browser. With `again`, the password must have been typed just
   * now.
   */
  finish: (answer: URLSearchParams, secrets: Secrets, options: { again: boolean }) => Promise<Identified>;
  /**
   * Returns the page that ends the issuer's session, or undefined if the issuer has no such page or does not answer.
   */
  endPage: () => Promise<URL | undefined>;
  readLogout: (token: string) => Promise<LogoutToken>;
  /** True if the issuer's description says that it sends messages about ended sessions. */
  sendsLogout: () => Promise<boolean>;
}

/** `clock` is monotonic, in ms. */
export function openIssuer(settings: SignOnSettings, clock: () => number): Issuer {
  const { publicUrl, claim, scopes } = settings;
  const redirect = `${publicUrl}/sign-on/callback`;
  const asking = openDescription(settings, clock);
  return {
    begin: ({ state, nonce, verifier }, { again }) =>
      asking(async (description) =>
        oidc.buildAuthorizationUrl(description, {
          redirect_uri: redirect,
          scope: scopes.join(' '),
          state,
          nonce,
          code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          ...(again ? { prompt: 'login', max_age: '0' } : {}),
        }),
      ),
    finish: (answer, { state, nonce, verifier }, { again }) =>
      asking(async (description) => {
        const tokens = await oidc.authorizationCodeGrant(description, new URL(`${redirect}?${answer.toString()}`), {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined) throw new Error('the library returned no ID token');
        const more = await moreClaims(description, claims, tokens.access_token, claim);
        const person = identified({ ...more, ...claims });
        if (again) refuseEarlier(person);
        return person;
      }),
    async endPage() {
      const description = await asking(async (one) => one).catch(() => undefined);
      if (description?.serverMetadata().end_session_endpoint === undefined) return undefined;
      return oidc.buildEndSessionUrl(description, { post_logout_redirect_uri: `${publicUrl}/sign-in` });
    },
    sendsLogout: () =>
      asking(async (description) => description.serverMetadata()['backchannel_logout_supported'] === true),
    readLogout: (token) => asking((description) => readLogoutToken(token, description, settings)),
  };
}

/**
 * Some issuers give a person's groups only at a second address. The library checks that the answer is about the same
 * person.
 */
async function moreClaims(
  description: oidc.Configuration,
  claims: oidc.IDToken,
  accessToken: string,
  claim: string,
): Promise<Record<string, unknown>> {
  if (Object.hasOwn(claims, claim) || Object.hasOwn(claims, '_claim_names')) return {};
  if (description.serverMetadata().userinfo_endpoint === undefined) return {};
  return oidc.fetchUserInfo(description, accessToken, claims.sub);
}

function identified(claims: Record<string, unknown>): Identified {
  const { iss, sub, sid, auth_time: authTime } = claims;
  if (typeof iss !== 'string' || !isShort(sub)) throw refusal('sign-on-failed', 'token');
  return {
    issuer: iss,
    subject: sub,
    claims,
    ...(isShort(sid) ? { issuerSession: sid } : {}),
    ...(typeof authTime === 'number' ? { confirmedAt: authTime * 1000 } : {}),
  };
}

/**
 * A person can skip the issuer's password prompt by changing the address of the page. So the time in the signed token
 * is checked.
 */
function refuseEarlier({ confirmedAt }: Identified): void {
  if (confirmedAt === undefined) throw refusal('sign-on-failed', 'noTime');
  if (Date.now() - confirmedAt > AGAIN_MS) throw refusal('sign-on-failed', 'notAgain');
}
