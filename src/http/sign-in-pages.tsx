import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import { PERMISSIONS, type Credential, type Permission } from '../access.ts';
import type { ClaimstampError } from '../error.ts';
import type { Principal } from './auth.ts';
import { formToken } from './form.ts';
import type { Line } from './line.ts';
import { Page } from './page.tsx';
import { MAX_LETTERS, MIN_LETTERS } from './password.ts';
import { PROBLEMS, retryAfter } from './problem.ts';
import { CSRF_FIELD, csrfToken, readCookie } from './session.ts';

/* The pages at the door. They work without script, and say on themselves what was wrong. */

/** What was sent and refused: shown again, but never a password. */
export interface Refused {
  error: ClaimstampError;
  name: string;
}

type Desk = Pick<Line, 'ledger' | 'sessionKey' | 'now'>;

export async function showSignIn(c: Context, desk: Desk, refused?: Refused): Promise<Response> {
  const csrf = await formToken(c, desk);
  return answer(
    c,
    <Page title="Sign in">
      <h1>Sign in</h1>
      <Form action="/sign-in" csrf={csrf} error={refused?.error}>
        <NameField value={refused?.name ?? ''} />
        <label>
          Password
          <input
            type="password"
            name="password"
            autocomplete="current-password"
            autofocus={refused !== undefined && refused.name !== ''}
            required
          />
        </label>
        <button>Sign in</button>
      </Form>
      <p class="soft">
        Lost your password, or none yet? An admin makes you a one-time link: <code>claimstamp person link NAME</code>
      </p>
    </Page>,
    refused?.error,
  );
}

export async function showLinkForm(c: Context, desk: Desk, link: Credential, refused?: Refused): Promise<Response> {
  const csrf = await formToken(c, desk);
  // To the address that was called: the link stands nowhere else on the page.
  const form = { action: '', csrf, error: refused?.error };
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

function KioskForm({ station, ...form }: FormProps & { station: string }) {
  return (
    <Page title={`Station ${station}`}>
      <h1>Station {station}</h1>
      <p>This screen will be for this station alone, until it is closed. Whoever is signed in here is signed out.</p>
      <Form {...form}>
        <button>Open this screen for station {station}</button>
      </Form>
    </Page>
  );
}

function PasswordForm({ invited, name, ...form }: FormProps & { invited: string; name: string }) {
  const first = invited === '';
  return (
    <Page title="Choose a password">
      <h1>{first ? 'Welcome to Claimstamp' : 'Choose a password'}</h1>
      {first ? <p>You are the first to come in. Choose a name and a password; you will be an admin.</p> : null}
      <Form {...form}>
        <NameField value={name} fixed={!first} />
        <label>
          New password
          <small>
            {MIN_LETTERS} to {MAX_LETTERS} characters, any you like; a few words are good.
          </small>
          <input
            type="password"
            name="password"
            autocomplete="new-password"
            minlength={MIN_LETTERS}
            autofocus={name !== ''}
            required
          />
        </label>
        <label>
          The same again
          <input type="password" name="again" autocomplete="new-password" required />
        </label>
        <button>Save and sign in</button>
      </Form>
    </Page>
  );
}

/** Fixed, it is there for the browser's password store. The first field that is still empty has the focus. */
function NameField({ value, fixed = false }: { value: string; fixed?: boolean }) {
  return (
    <label>
      Name
      <input
        name="name"
        value={value}
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        maxlength={64}
        readonly={fixed}
        autofocus={value === ''}
        required
      />
    </label>
  );
}

function Form({ action, csrf, error, children }: FormProps & { children?: Child }) {
  return (
    <form class="card" method="post" {...(action === '' ? {} : { action })}>
      {error === undefined ? null : <Said error={error} />}
      <input type="hidden" name={CSRF_FIELD} value={csrf} />
      {children}
    </form>
  );
}

function Said({ error }: { error: ClaimstampError }) {
  const { message } = error;
  return (
    <p class="bad" role="alert">
      {message.charAt(0).toUpperCase() + message.slice(1)}.
    </p>
  );
}

/** Where there is no form to show again. */
export async function showProblem(c: Context, error: ClaimstampError): Promise<Response> {
  return answer(
    c,
    <Page title={PROBLEMS[error.code][1]}>
      <h1>{PROBLEMS[error.code][1]}</h1>
      <Said error={error} />
      <p>
        <a href="/">To the start</a>
      </p>
    </Page>,
    error,
  );
}

/** Who is signed in on this screen, and what they may. */
export async function showHome(c: Context, { ledger, sessionKey }: Desk, visitor: Principal): Promise<Response> {
  const csrf = csrfToken(sessionKey, (await readCookie(c, sessionKey)) ?? '');
  const { name = '' } = visitor.session ?? {};
  const role = visitor.kiosk === undefined ? (await ledger.person(name))?.role : undefined;
  const title = visitor.kiosk === undefined ? name : `Station ${visitor.kiosk}`;
  return answer(
    c,
    <Page title={title}>
      <h1>{title}</h1>
      {role === undefined ? <p>This screen is for this station alone.</p> : <p>Signed in as {role}.</p>}
      <form method="post" action="/sign-out">
        <input type="hidden" name={CSRF_FIELD} value={csrf} />
        <button>{role === undefined ? 'Close this screen' : 'Sign out'}</button>
      </form>
      <p>
        <a href="/docs">The API</a>
      </p>
      <h2>What {role === undefined ? 'this screen' : 'you'} may do</h2>
      <ul>
        {role === undefined ? (
          <>
            <li>at this station: arm, cancel, Next, Same device, verify</li>
            <li>look up, print and reprint the units that came from it</li>
          </>
        ) : (
          [...visitor.may].map((permission: Permission) => <li>{PERMISSIONS[permission]}</li>)
        )}
      </ul>
    </Page>,
  );
}

/** Pages of one person or one link: no cache keeps them, and no other site learns their address. */
async function answer(c: Context, page: Parameters<Context['html']>[0], error?: ClaimstampError): Promise<Response> {
  c.header('cache-control', 'no-store');
  c.header('referrer-policy', 'same-origin');
  const status = error === undefined ? 200 : PROBLEMS[error.code][0];
  // RFC 9110, 15.5.2: a 401 names a scheme. Tokens are the one that has a name.
  if (status === 401) c.header('www-authenticate', 'Bearer');
  const wait = error && retryAfter(error);
  if (wait !== undefined) c.header('retry-after', wait);
  return c.html(page, status);
}
