import type { Context, Hono } from 'hono';
import { isLive, type Credential } from '../../model/credential.ts';
import { isCode, refusal } from '../../platform/error.ts';
import { valueWords } from '../../platform/refusal-words.ts';
import { hasAdmin, type ChangePassword, type UseLink } from '../../decide/people.ts';
import { refuseOver, type SignIn } from '../../decide/sessions.ts';
import { Name } from '../../model/product.ts';
import type { Auth } from '../auth.ts';
import { readForm, refuseForeignForm, type Fields } from '../form.ts';
import type { Services } from '../services.ts';
import type { Proofs } from '../prove-password.ts';
import { drawSecret, secretHash } from '../secret.ts';
import { CSRF_FIELD, dropCookie, KIOSK_SESSION_MS, PERSON_SESSION_MS, readCookie, writeCookie } from '../session.ts';
import { isOwnPage } from '../language.ts';
import { orShow } from '../or-show.ts';
import { endOwn } from './account.ts';
import { showAccount, showConfirm, showLinkForm, showSignIn } from '../sign-in-pages.tsx';
import { leave, showConfirmAt } from '../sign-on/pages.tsx';
import { signOnRoutes } from '../sign-on/routes.ts';
import { openSignOn, type SignOnParts } from '../sign-on/sign-on.ts';
import { refuseWeak } from '../weak-password.ts';

/** People sign in with a name and a password, or with a one-time link. */
interface SignInServices extends Services {
  auth: Auth;
  proofs: Proofs;
  signOn: SignOnParts | undefined;
}

export function signInRoutes(app: Hono, auth: Auth, shared: Services, proofs: Proofs): void {
  const signOn = openSignOn(shared);
  if (signOn) signOnRoutes(app, auth, shared, signOn);
  const services: SignInServices = { ...shared, auth, proofs, signOn };

  app.get('/account', async (c) => {
    const visitor = await auth.visitor(c);
    return visitor === undefined ? c.redirect('/sign-in', 303) : showAccount(c, services, visitor);
  });
  app.get('/sign-in', async (c) => {
    const visitor = await auth.visitor(c);
    return visitor === undefined ? showSignIn(c, services) : c.redirect(backTo(c), 303);
  });
  app.post('/sign-in', (c) => submitSignIn(c, services));
  // A link still works after it has been opened, so a link preview does not use it up. The browser's Back and Reload
  // buttons do not use it up either.
  app.get('/sign-in/:link', (c) => orShow(c, async () => showLinkForm(c, services, await liveLink(c, services))));
  app.post('/sign-in/:link', (c) => orShow(c, async () => submitLink(c, services, await liveLink(c, services))));
  app.post('/sign-out', (c) => orShow(c, () => signOut(c, services)));
  app.post('/account', (c) => orShow(c, () => submitChange(c, services)));
  app.post('/account/sessions', (c) => orShow(c, () => submitEnd(c, services)));
  app.get('/account/confirm', (c) => orShow(c, () => confirm(c, services)));
  app.post('/account/confirm', (c) => orShow(c, () => confirm(c, services)));
}

/* Name and password */

async function submitSignIn(c: Context, services: SignInServices): Promise<Response> {
  let name = '';
  const enter = async (): Promise<Response> => {
    const fields = await readForm(c);
    await refuseForeignForm(c, services, fields);
    name = (fields.get('name') ?? '').trim();
    return signIn(c, services, name, fields.get('password') ?? '');
  };
  return orShow(c, enter, (error) => showSignIn(c, services, { error, name }));
}

async function signIn(c: Context, services: SignInServices, typed: string, password: string): Promise<Response> {
  // In the throttle, all invalid names share the entry of the empty name. So no entry contains a very long name.
  const name = Name.safeParse(typed).data ?? '';
  const encoded = await services.proofs.prove(c, name, password);
  return openSession(c, services, PERSON_SESSION_MS, { kind: 'sign-in', name, password: encoded });
}

/* One-time links */

/** Throws `link-ended`. The error is the same for used, expired and unknown links. */
async function liveLink(c: Context, { ledger, now }: Services): Promise<Credential> {
  const link = await ledger.credential(secretHash(c.req.param('link') ?? ''));
  if (link?.kind !== 'link' || !isLive(link, now())) throw refusal('link-ended', 'askNew');
  const person = link.kiosk ? undefined : await ledger.person(link.name);
  if (person !== undefined) refuseOver(person, now());
  return link;
}

async function submitLink(c: Context, services: SignInServices, link: Credential): Promise<Response> {
  let name = link.kiosk ? '' : link.name;
  const enter = async (): Promise<Response> => {
    const fields = await readForm(c);
    await refuseForeignForm(c, services, fields);
    if (link.kiosk) return openSession(c, services, KIOSK_SESSION_MS, { kind: 'use-link', hash: link.hash });
    if (link.name === '') name = (fields.get('name') ?? '').trim();
    return choosePassword(c, services, link, name, fields);
  };
  return orShow(c, enter, (error) => showLinkForm(c, services, link, { error, name }));
}

async function choosePassword(
  c: Context,
  services: SignInServices,
  { hash }: Credential,
  name: string,
  fields: Fields,
): Promise<Response> {
  const unfit = Name.safeParse(name).error?.issues[0];
  if (unfit !== undefined) throw refusal('invalid', 'personName', { why: valueWords(unfit.message) });
  const password = await services.proofs.hash(await chosenIn(services, fields, name));
  const entered = await openSession(c, services, PERSON_SESSION_MS, { kind: 'use-link', hash, name, password });
  if (hasAdmin(await services.ledger.people())) services.dropFirstLink();
  return entered;
}

/** Returns the chosen password. Throws if the password is unsuitable, or if the repeated password differs. */
async function chosenIn(services: Services, fields: Fields, person: string): Promise<string> {
  const chosen = fields.get('password') ?? '';
  refuseWeak(chosen, { person, site: await siteNames(services) });
  if (chosen !== fields.get('again')) throw refusal('password-unfit', 'differs');
  return chosen;
}

/** Returns names related to this site, which a guessing program would try first. */
async function siteNames({ config: { publicUrl }, ledger }: Services): Promise<string[]> {
  const host = publicUrl === undefined ? [] : [new URL(publicUrl).hostname];
  const companies = (await ledger.products()).flatMap(({ company }) => company ?? []);
  return ['claimstamp', ...host, ...companies];
}

async function submitChange(c: Context, services: SignInServices): Promise<Response> {
  const fields = await readForm(c);
  const visitor = await services.auth.visitor(c, fields.get(CSRF_FIELD) ?? '');
  if (visitor?.session === undefined || visitor.kiosk !== undefined) return c.redirect('/sign-in?back=/account', 303);
  const { name } = visitor.session;
  const change = async (): Promise<Response> => {
    // The current password is checked first. Otherwise, a person at someone else's screen could learn which new
    // passwords are accepted.
    const former = await services.proofs.prove(c, name, fields.get('former') ?? '').catch((error: unknown) => {
      throw isCode(error, 'sign-in-failed') ? refusal('sign-in-failed', 'former') : error;
    });
    const password = await services.proofs.hash(await chosenIn(services, fields, name));
    return openSession(c, services, PERSON_SESSION_MS, { kind: 'change-password', name, former, password });
  };
  return orShow(c, change, (error) => showAccount(c, services, visitor, error));
}

/** Ends another session of the same person. */
async function submitEnd(c: Context, services: SignInServices): Promise<Response> {
  const fields = await readForm(c);
  const visitor = await services.auth.visitor(c, fields.get(CSRF_FIELD) ?? '');
  if (visitor?.session === undefined || visitor.kiosk !== undefined) return c.redirect('/sign-in?back=/account', 303);
  await endOwn(services, visitor, fields.get('id') ?? '', services.source.address(c));
  return c.redirect('/account', 303);
}

/** Shows the password form. After the password check, returns to the page that the person came from. */
async function confirm(c: Context, services: SignInServices): Promise<Response> {
  const fields: Fields = c.req.method === 'POST' ? await readForm(c) : new Map();
  const visitor = await services.auth.visitor(c, fields.get(CSRF_FIELD) ?? '');
  const session = visitor?.kiosk === undefined ? visitor?.session : undefined;
  if (session === undefined) return c.redirect('/sign-in', 303);
  const { name, hash } = session;
  if ((await services.ledger.person(name))?.issuer !== undefined) return showConfirmAt(c, services.config);
  if (c.req.method !== 'POST') return showConfirm(c, services, name);
  const check = async (): Promise<Response> => {
    const password = await services.proofs.prove(c, name, fields.get('password') ?? '').catch((error: unknown) => {
      throw isCode(error, 'sign-in-failed') ? refusal('sign-in-failed', 'former') : error;
    });
    await services.ledger.record({ kind: 'confirm-session', hash, password, confirmedAt: services.now() });
    return c.redirect(backTo(c), 303);
  };
  return orShow(c, check, (error) => showConfirm(c, services, name, error));
}

/* Sessions */

/** Starts a session with a new secret, and ends this browser's earlier session. */
async function openSession(
  c: Context,
  { ledger, sessionKey, now, source }: Services,
  ageMs: number,
  command: Omit<SignIn, 'session'> | Omit<UseLink, 'session'> | Omit<ChangePassword, 'session'>,
): Promise<Response> {
  const former = await readCookie(c, sessionKey);
  const secret = drawSecret();
  const from = { source: source.address(c) };
  await ledger.record({ ...command, session: { hash: secretHash(secret), expiresAt: now() + ageMs, ...from } });
  if (former !== undefined) await ledger.record({ kind: 'sign-out', hash: secretHash(former), ...from });
  await writeCookie(c, sessionKey, secret, ageMs);
  return c.redirect(backTo(c), 303);
}

/** Returns the page that the person came from. If that page is not a page of this service, returns the start page. */
function backTo(c: Context): string {
  const back = c.req.query('back') ?? '';
  return isOwnPage(back) ? back : '/';
}

async function signOut(c: Context, { auth, ledger, source, signOn }: SignInServices): Promise<Response> {
  const fields = await readForm(c);
  const visitor = await auth.visitor(c, fields.get(CSRF_FIELD) ?? '');
  if (visitor?.kiosk !== undefined) throw refusal('kiosk-station', 'close', { station: visitor.kiosk });
  if (visitor?.session)
    await ledger.record({ kind: 'sign-out', hash: visitor.session.hash, source: source.address(c) });
  dropCookie(c);
  const person = visitor?.session && (await ledger.person(visitor.session.name));
  return person?.issuer === undefined ? c.redirect('/sign-in', 303) : leave(c, signOn);
}
