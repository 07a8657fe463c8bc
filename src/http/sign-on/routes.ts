import type { Context, Hono } from 'hono';
import { ClaimstampError, isCode, refusal } from '../../platform/error.ts';
import type { Auth, Principal } from '../auth.ts';
import { readForm } from '../form.ts';
import { isOwnPage } from '../language.ts';
import { orShow } from '../or-show.ts';
import { drawSecret, secretHash } from '../secret.ts';
import type { Services } from '../services.ts';
import { PERSON_SESSION_MS, writeCookie } from '../session.ts';
import { openThrottle, type Throttle } from '../throttle.ts';
import { beginAttempt, secretsOf, takeAttempt, type Attempt } from './attempts.ts';
import { namesIn, roleIn } from './groups.ts';
import type { Identified } from './issuer.ts';
import { LOGOUT_SLACK_MS } from './logout-token.ts';
import { showOnward } from './pages.tsx';
import type { SignOnParts } from './sign-on.ts';

/*
 * A person's browser opens: /sign-on → the issuer's page → /sign-on/callback → the page that the person came from. The
 * issuer itself calls /sign-on/logout when its session ends (OpenID Connect Back-Channel Logout).
 */

/**
 * How long, in ms, a session lasts if the issuer does not say when its own session ends. So an account that is blocked
 * at the issuer is blocked here after this time at the latest.
 */
const ALONE_MS = 60 * 60 * 1000;

/** A logout token has a few claims and a signature. */
const MAX_LOGOUT_BYTES = 16 * 1024;

interface SignOnServices extends Services, SignOnParts {
  auth: Auth;
  throttle: Throttle;
}

export function signOnRoutes(app: Hono, auth: Auth, shared: Services, parts: SignOnParts): void {
  const services: SignOnServices = { ...shared, ...parts, auth, throttle: openThrottle(() => performance.now()) };
  app.get('/sign-on', (c) => orShow(c, () => begin(c, services)));
  app.get('/sign-on/callback', (c) => orShow(c, () => finish(c, services)));
  app.post('/sign-on/logout', (c) => endSessions(c, services));
}

async function begin(c: Context, services: SignOnServices): Promise<Response> {
  const { settings, issuer } = services;
  const elsewhere = atPublicUrl(c, settings.publicUrl);
  if (elsewhere !== undefined) return c.redirect(elsewhere, 303);
  const again = c.req.query('confirm') !== undefined;
  const back = c.req.query('back');
  const visitor = await services.auth.visitor(c);
  if (visitor?.kiosk !== undefined) throw refusal('kiosk-station', 'close', { station: visitor.kiosk });
  const confirms = again ? await sessionOf(services, visitor) : undefined;
  if (again && confirms === undefined) return c.redirect('/sign-in', 303);
  if (!again && visitor !== undefined) return c.redirect(backFrom(back), 303);
  const secrets = await beginAttempt(c, services, { back, confirms });
  return c.redirect((await issuer.begin(secrets, { again })).href, 303);
}

/**
 * The issuer sends the browser to the public address. So the cookie must be set at that address. The browser is
 * redirected there only once, because behind a proxy the service may never see the public address.
 */
function atPublicUrl(c: Context, publicUrl: string): string | undefined {
  const url = new URL(c.req.url);
  if (url.host === new URL(publicUrl).host || url.searchParams.has('led')) return undefined;
  url.searchParams.set('led', '1');
  return `${publicUrl}${url.pathname}${url.search}`;
}

/** Returns the hash of the session in hexadecimal, if the signed-in person came from the issuer. */
async function sessionOf({ ledger }: Services, visitor: Principal | undefined): Promise<string | undefined> {
  if (visitor?.session === undefined) return undefined;
  const { name, hash } = visitor.session;
  return (await ledger.person(name))?.issuer === undefined ? undefined : Buffer.from(hash).toString('hex');
}

async function finish(c: Context, services: SignOnServices): Promise<Response> {
  const { auth, issuer, log, signInAudit, source } = services;
  let subject: string | undefined;
  try {
    const answer = new URL(c.req.url).searchParams;
    const attempt = await takeAttempt(c, services, answer.get('state') ?? '');
    // The browser's Back button leads here again, after the person has signed in.
    if (attempt === undefined && (await auth.visitor(c)) !== undefined) return c.redirect('/', 303);
    if (attempt === undefined) throw refusal('sign-on-stale', 'again');
    const again = attempt.confirms !== undefined;
    const person = await slowedDown(services, source.address(c), attempt, () =>
      issuer.finish(answer, secretsOf(attempt), { again }),
    );
    ({ subject } = person);
    if (again) await confirm(services, attempt, person);
    else await enter(c, services, person);
    return await showOnward(c, backFrom(attempt.back), 'signedOn');
  } catch (error) {
    if (!(error instanceof ClaimstampError)) throw error;
    // The refusal contains no token, but the library's error may contain one. So only the refusal is logged.
    log.warn({ source: source.address(c), subject, code: error.code, reason: error.message }, 'sign-on failed');
    if (error.code !== 'sign-on-unavailable' && error.code !== 'busy') signInAudit.failed(source.address(c), undefined);
    throw error;
  }
}

/**
 * Each answer makes the service ask the issuer. So after failed answers, further ones from the same network have to
 * wait, as after wrong passwords. Normally, a browser sends only one answer to each attempt, so failed answers to the
 * same attempt are added up.
 */
async function slowedDown<T>(
  { throttle }: SignOnServices,
  address: string,
  attempt: Attempt,
  act: () => Promise<T>,
): Promise<T> {
  const admitted = throttle.admit(secretsOf(attempt).state, address);
  if ('waitMs' in admitted) throw refusal('sign-in-throttled', 'wait', { waitS: Math.ceil(admitted.waitMs / 1000) });
  try {
    const result = await act();
    admitted.passed();
    return result;
  } catch (error) {
    // Faults of the issuer or the network do not count as failed attempts.
    if (!isCode(error, 'sign-on-failed')) admitted.cancelled();
    throw error;
  }
}

function backFrom(back = ''): string {
  return isOwnPage(back) ? back : '/';
}

async function enter(c: Context, services: SignOnServices, person: Identified): Promise<void> {
  const { ledger, now, sessionKey, source, settings } = services;
  const { issuer, subject, issuerSession, confirmedAt } = person;
  const role = await roleOrEnd(services, person);
  const ageMs = await ageOf(services);
  const secret = drawSecret();
  const session = { hash: secretHash(secret), expiresAt: now() + ageMs, source: source.address(c) };
  await ledger.record({
    kind: 'sign-on',
    issuer,
    subject,
    role,
    names: namesIn(person.claims),
    session: { ...session, ...(issuerSession === undefined ? {} : { issuerSession }) },
    ...(confirmedAt === undefined ? {} : { confirmedAt }),
  });
  services.log.info({ issuer: settings.issuer, subject }, 'signed on');
  await writeCookie(c, sessionKey, secret, ageMs);
}

/**
 * Returns the person's role. If the person's groups no longer give a role, the person's open sessions end, and the
 * person has no rights until a later sign-on gives a role again.
 */
async function roleOrEnd({ ledger, settings }: SignOnServices, { issuer, subject, claims }: Identified) {
  try {
    return roleIn(claims, settings);
  } catch (error) {
    await ledger.record({ kind: 'refuse-sign-on', issuer, subject });
    throw error;
  }
}

async function ageOf({ settings, issuer, log }: SignOnServices): Promise<number> {
  if (!settings.backChannel) return ALONE_MS;
  if (await issuer.sendsLogout()) return PERSON_SESSION_MS;
  log.warn(
    { issuer: settings.issuer },
    'the issuer does not offer back-channel logout, so sessions last an hour: set CLAIMSTAMP_SIGN_ON_LOGOUT=none',
  );
  return ALONE_MS;
}

async function confirm(services: SignOnServices, { confirms = '' }: Attempt, person: Identified): Promise<void> {
  const { ledger, now } = services;
  const { issuer, subject } = person;
  const role = await roleOrEnd(services, person);
  const hash = Buffer.from(confirms, 'hex');
  await ledger.record({ kind: 'confirm-sign-on', issuer, subject, role, hash, confirmedAt: now() });
}

/** Needs no form token: the issuer sends no cookie, and the signature proves that the message is the issuer's. */
async function endSessions(c: Context, { ledger, issuer, settings }: SignOnServices): Promise<Response> {
  const token = (await readForm(c, MAX_LOGOUT_BYTES)).get('logout_token') ?? '';
  const { at, ...whose } = await issuer.readLogout(token);
  await ledger.record({ kind: 'end-sign-on', issuer: settings.issuer, ...whose, before: at + LOGOUT_SLACK_MS });
  return c.body(null, 200);
}
