import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import { PERMISSIONS, type Permission } from '../model/role.ts';
import type { Credential } from '../model/credential.ts';
import type { ClaimstampError } from '../platform/error.ts';
import type { Principal } from './auth.ts';
import { hasAdmin } from '../decide/people.ts';
import { formToken } from './form.ts';
import { languageBeforeSignIn } from './language.ts';
import type { Services } from './services.ts';
import { Languages, Page } from './page.tsx';
import { PROBLEMS, retryAfter, saidIn } from './problems.ts';
import { NameField, NewPassword, PresentPassword } from './sign-in-fields.tsx';
import { CSRF_FIELD, csrfToken, readCookie } from './session.ts';
import { SignOnLink } from './sign-on/pages.tsx';
import { accountOf, sessionsOf } from './routes/account.ts';
import { SIGN_IN } from '../../words/console/sign-in.ts';
import type { Language } from '../../words/sentence.ts';
import { speak, type Say } from './words.ts';

/* The sign-in pages. The pages work without scripts and show refusals. */

/** A refused form. The form is shown again without the passwords. */
export interface Refused {
  error: ClaimstampError;
  name: string;
}

type FormServices = Pick<Services, 'ledger' | 'sessionKey' | 'now' | 'config'>;

interface Spoken {
  language: Language;
  say: Say;
  back: string | undefined;
}

function spoken(c: Context): Spoken {
  const language = languageBeforeSignIn(c);
  return { language, say: speak(language), back: c.req.query('back') };
}

function SignInPage({
  spoken: { language, say, back },
  title,
  children,
}: {
  spoken: Spoken;
  title: string;
  children?: Child;
}) {
  return (
    <Page title={title} language={language}>
      <Languages language={language} label={say(SIGN_IN, 'language')} back={back} />
      <h1>{title}</h1>
      {children}
    </Page>
  );
}

export async function showSignIn(c: Context, services: FormServices, refused?: Refused): Promise<Response> {
  const csrf = await formToken(c, services);
  const at = spoken(c);
  const { say, back } = at;
  const isFirst = !hasAdmin(await services.ledger.people());
  return answer(
    c,
    <SignInPage spoken={at} title={say(SIGN_IN, 'signIn')}>
      <SignOnLink say={say} back={back} config={services.config} label="signOn" />
      {isFirst ? (
        <p>
          {say(SIGN_IN, 'noAdmin')} <code>claimstamp welcome</code>
        </p>
      ) : null}
      <Form
        spoken={at}
        action={`/sign-in${back === undefined ? '' : `?${new URLSearchParams({ back }).toString()}`}`}
        csrf={csrf}
        error={refused?.error}
      >
        <NameField say={say} value={refused?.name ?? ''} />
        <PresentPassword say={say} name="password" autofocus={refused !== undefined && refused.name !== ''} />
        <button>{say(SIGN_IN, 'signIn')}</button>
      </Form>
      <p class="soft">{say(SIGN_IN, 'lostPassword')}</p>
      <details class="soft">
        <summary>{say(SIGN_IN, 'onMachine')}</summary>
        <p>
          {say(SIGN_IN, 'onMachineHint')} <code>claimstamp person link NAME</code>
        </p>
      </details>
    </SignInPage>,
    refused?.error,
  );
}

export async function showLinkForm(
  c: Context,
  services: FormServices,
  link: Credential,
  refused?: Refused,
): Promise<Response> {
  const csrf = await formToken(c, services);
  // The form has no action, so the browser sends it to the address of the page. The address of the page contains the
  // link's secret.
  const form = { action: '', csrf, error: refused?.error, spoken: spoken(c) };
  const page = link.kiosk ? (
    <KioskForm {...form} station={link.name} />
  ) : (
    <PasswordForm {...form} invited={link.name} name={refused?.name ?? link.name} />
  );
  return answer(c, page, refused?.error);
}

interface FormProps {
  action: string;
  csrf: string;
  error: ClaimstampError | undefined;
}
type SpokenForm = FormProps & { spoken: Spoken };

function KioskForm({ station, spoken: at, ...form }: SpokenForm & { station: string }) {
  const { say } = at;
  return (
    <SignInPage spoken={at} title={say(SIGN_IN, 'station', { name: station })}>
      <p>{say(SIGN_IN, 'kioskHint')}</p>
      <Form spoken={at} {...form}>
        <button>{say(SIGN_IN, 'openKiosk', { name: station })}</button>
      </Form>
    </SignInPage>
  );
}

function PasswordForm({ invited, name, spoken: at, ...form }: SpokenForm & { invited: string; name: string }) {
  const { say } = at;
  const first = invited === '';
  return (
    <SignInPage spoken={at} title={say(SIGN_IN, first ? 'welcome' : 'choose')}>
      {first ? <p>{say(SIGN_IN, 'firstHint')}</p> : null}
      <Form spoken={at} {...form}>
        <NameField say={say} value={name} is={first ? 'new' : 'fixed'} />
        <NewPassword say={say} autofocus={name !== ''} />
        <button>{say(SIGN_IN, 'saveAndSignIn')}</button>
      </Form>
    </SignInPage>
  );
}

function Form({ spoken: at, action, csrf, error, children }: SpokenForm & { children?: Child }) {
  return (
    <form class="card" method="post" {...(action === '' ? {} : { action })}>
      {error === undefined ? null : <Said spoken={at} error={error} />}
      <input type="hidden" name={CSRF_FIELD} value={csrf} />
      {children}
    </form>
  );
}

function Said({ spoken: { language }, error }: { spoken: Pick<Spoken, 'language'>; error: ClaimstampError }) {
  const { detail, lang } = saidIn(error, language);
  return (
    <p class="bad" role="alert" lang={lang}>
      {detail.charAt(0).toUpperCase() + detail.slice(1)}
      {lang === 'zh' ? '。' : '.'}
    </p>
  );
}

/** The page for a refusal that is not about a form. */
export async function showProblem(c: Context, error: ClaimstampError): Promise<Response> {
  const at = spoken(c);
  return answer(
    c,
    <SignInPage spoken={at} title={at.say(SIGN_IN, 'refused')}>
      <Said spoken={at} error={error} />
      <p>
        <a href="/">{at.say(SIGN_IN, 'toStart')}</a>
      </p>
    </SignInPage>,
    error,
  );
}

/** Shows the signed-in person or kiosk, and the permissions. */
export async function showAccount(
  c: Context,
  services: FormServices,
  visitor: Principal,
  refused?: ClaimstampError,
): Promise<Response> {
  const { ledger, sessionKey } = services;
  const csrf = csrfToken(sessionKey, (await readCookie(c, sessionKey)) ?? '');
  const at = spoken(c);
  const { say } = at;
  const { name = '' } = visitor.session ?? {};
  const { role, issuer } = (visitor.kiosk === undefined ? await ledger.person(name) : undefined) ?? {};
  const title = visitor.kiosk === undefined ? name : say(SIGN_IN, 'station', { name: visitor.kiosk });
  return answer(
    c,
    <SignInPage spoken={at} title={title}>
      <p>{role === undefined ? say(SIGN_IN, 'alone') : say(SIGN_IN, 'signedInAs', { role })}</p>
      {role === undefined || visitor.session === undefined ? null : (
        <LastSignIn spoken={at} services={services} session={visitor.session} />
      )}
      {role === undefined ? (
        // Anyone can touch the screen at a station. So this page has no button that closes the screen. The page links
        // only to pages that have a link back to the screen.
        <>
          <p>{say(SIGN_IN, 'closing', { name: visitor.kiosk ?? name })}</p>
          <p>
            <a href="/">{say(SIGN_IN, 'toStart')}</a>
          </p>
        </>
      ) : (
        <>
          <form method="post" action="/sign-out">
            <input type="hidden" name={CSRF_FIELD} value={csrf} />
            <button>{say(SIGN_IN, 'signOut')}</button>
          </form>
          <p>
            <a href="/">{say(SIGN_IN, 'toStart')}</a> · <a href="/docs">{say(SIGN_IN, 'api')}</a>
          </p>
          {issuer === undefined ? (
            <ChangePassword spoken={at} action="/account" csrf={csrf} error={refused} name={name} />
          ) : (
            <p>{say(SIGN_IN, 'managed', { issuer })}</p>
          )}
          {visitor.session === undefined ? null : (
            <OwnSessions spoken={at} services={services} session={visitor.session} csrf={csrf} />
          )}
        </>
      )}
      <h2>{say(SIGN_IN, role === undefined ? 'screenMays' : 'youMay')}</h2>
      <ul>
        {role === undefined ? (
          <>
            <li>{say(SIGN_IN, 'may.station')}</li>
            <li>{say(SIGN_IN, 'may.units')}</li>
          </>
        ) : (
          [...visitor.may].map((permission: Permission) => <li lang="en">{PERMISSIONS[permission]}</li>)
        )}
      </ul>
    </SignInPage>,
    refused,
  );
}

function ChangePassword({ name, ...form }: SpokenForm & { name: string }) {
  const { say } = form.spoken;
  return (
    <>
      <h2>{say(SIGN_IN, 'change')}</h2>
      <Form {...form}>
        <input name="name" value={name} autocomplete="username" readonly hidden />
        <PresentPassword say={say} name="former" />
        <NewPassword say={say} />
        <button>{say(SIGN_IN, 'change')}</button>
      </Form>
    </>
  );
}

interface OwnProps {
  spoken: Spoken;
  services: FormServices;
  session: Credential;
}

/** Shows the time of the last sign-in. If the person did not sign in at that time, someone else has the password. */
async function LastSignIn({ spoken: { say, language }, services, session }: OwnProps) {
  const { lastSignIn } = await accountOf(services, session);
  if (lastSignIn === undefined) return <p>{say(SIGN_IN, 'firstSignIn')}</p>;
  const { at, source } = lastSignIn;
  return <p>{say(SIGN_IN, 'lastSignIn', { at: shownAt(at, language), source })}</p>;
}

async function OwnSessions({ spoken: { say, language }, services, session, csrf }: OwnProps & { csrf: string }) {
  const sessions = await sessionsOf(services, session);
  return (
    <>
      <h2>{say(SIGN_IN, 'sessions')}</h2>
      <ul>
        {sessions.map(({ id, since, source = '–', current }) => (
          <li>
            {say(SIGN_IN, 'session', { at: shownAt(since, language), source })}{' '}
            {current ? (
              say(SIGN_IN, 'thisOne')
            ) : (
              <form method="post" action="/account/sessions">
                <input type="hidden" name={CSRF_FIELD} value={csrf} />
                <input type="hidden" name="id" value={id} />
                <button>{say(SIGN_IN, 'endSession')}</button>
              </form>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function shownAt(at: string, language: Language): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));
}

/**
 * Asks for the password before an operation that would be dangerous if someone else were using the session. Afterwards,
 * returns to the previous page.
 */
export async function showConfirm(
  c: Context,
  { sessionKey }: FormServices,
  name: string,
  error?: ClaimstampError,
): Promise<Response> {
  const csrf = csrfToken(sessionKey, (await readCookie(c, sessionKey)) ?? '');
  const at = spoken(c);
  const { say, back } = at;
  const query = back === undefined ? '' : `?${new URLSearchParams({ back }).toString()}`;
  return answer(
    c,
    <SignInPage spoken={at} title={say(SIGN_IN, 'confirm')}>
      <p>{say(SIGN_IN, 'confirmHint')}</p>
      <Form spoken={at} action={`/account/confirm${query}`} csrf={csrf} error={error}>
        <input name="name" value={name} autocomplete="username" readonly hidden />
        <PresentPassword say={say} name="password" autofocus />
        <button>{say(SIGN_IN, 'confirm')}</button>
      </Form>
    </SignInPage>,
    error,
  );
}

/** Pages for a person or a link are not cached. The browser does not tell other sites the addresses of these pages. */
async function answer(c: Context, page: Parameters<Context['html']>[0], error?: ClaimstampError): Promise<Response> {
  c.header('cache-control', 'no-store');
  c.header('referrer-policy', 'same-origin');
  const status = error === undefined ? 200 : PROBLEMS[error.code][0];
  // RFC 9110, 15.5.2 requires that a 401 answer names an authentication scheme. Bearer is the only registered scheme
  // that this service uses.
  if (status === 401) c.header('www-authenticate', 'Bearer');
  const wait = error && retryAfter(error);
  if (wait !== undefined) c.header('retry-after', wait);
  return c.html(page, status);
}
