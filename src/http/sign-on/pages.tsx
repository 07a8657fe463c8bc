import type { Context } from 'hono';
import type { Config } from '../../config.ts';
import { signOnSettings } from '../../contract/sign-on/settings.ts';
import { SIGN_IN } from '../../../words/console/sign-in.ts';
import { languageBeforeSignIn } from '../language.ts';
import { Page } from '../page.tsx';
import { speak, type Say } from '../words.ts';
import type { SignOnParts } from './sign-on.ts';

/**
 * The link to the issuer's sign-in page. It is not a form, because the content security policy (`form-action`) keeps
 * forms on this site. Shows nothing if no issuer is set.
 */
export function SignOnLink({
  say,
  back,
  config,
  label,
}: {
  say: Say;
  back: string | undefined;
  config: Config;
  label: 'signOn' | 'confirmAt';
}) {
  const settings = signOnSettings(config);
  if (settings === undefined) return null;
  const confirm: Record<string, string> = label === 'confirmAt' ? { confirm: '1' } : {};
  const query = new URLSearchParams({ ...confirm, ...(back === undefined ? {} : { back }) }).toString();
  return (
    <p>
      <a class="button" href={`/sign-on${query === '' ? '' : `?${query}`}`}>
        {say(SIGN_IN, label, { issuer: settings.name })}
      </a>
    </p>
  );
}

/** Before a dangerous operation, this page sends people who have no password here to the issuer. */
export function showConfirmAt(c: Context, config: Config): Response | Promise<Response> {
  const language = languageBeforeSignIn(c);
  const say = speak(language);
  c.header('cache-control', 'no-store');
  return c.html(
    <Page title={say(SIGN_IN, 'confirm')} language={language}>
      <h1>{say(SIGN_IN, 'confirm')}</h1>
      <p>{say(SIGN_IN, 'confirmHint')}</p>
      <SignOnLink say={say} back={c.req.query('back')} config={config} label="confirmAt" />
    </Page>,
  );
}

/** After a person has signed out here, opens the issuer's sign-out page, if the issuer has one. */
export async function leave(c: Context, parts: SignOnParts | undefined): Promise<Response> {
  const page = await parts?.issuer.endPage();
  return page === undefined ? c.redirect('/sign-in', 303) : showOnward(c, page.href, 'signedOut');
}

/**
 * A page that makes the browser open another page. A redirect would not work here: after a redirect from another site,
 * browsers do not send the session's cookie, and after a form, they do not follow a redirect to another site.
 */
export function showOnward(c: Context, onward: string, title: 'signedOn' | 'signedOut'): Response | Promise<Response> {
  const language = languageBeforeSignIn(c);
  const say = speak(language);
  c.header('cache-control', 'no-store');
  return c.html(
    <Page title={say(SIGN_IN, title)} language={language} onward={onward}>
      <h1>{say(SIGN_IN, title)}</h1>
      <p>
        <a href={onward}>{say(SIGN_IN, 'goOn')}</a>
      </p>
    </Page>,
  );
}
