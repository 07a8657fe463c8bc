import type { Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { refusal } from '../platform/error.ts';
import { cameOverTls } from './headers.ts';
import type { Language } from '../../words/sentence.ts';
import { isLanguage, preferred } from './words.ts';

/* Which language a page speaks: what was chosen on it, else what the browser asks for. */

const LANGUAGE_COOKIE = 'claimstamp-language';

/** A year: it says nothing of who it is. Seconds */
const LANGUAGE_S = 365 * 24 * 3600;

export function languageOf(c: Context): Language {
  const chosen = getCookie(c, LANGUAGE_COOKIE);
  return isLanguage(chosen) ? chosen : preferred(c.req.header('accept-language'));
}

/** For the pages before signing in: their address may hold a secret, which no link may repeat, so `?language=es` asks for the same page. */
export function languageBeforeSignIn(c: Context): Language {
  const asked = c.req.query('language');
  if (!isLanguage(asked)) return languageOf(c);
  keep(c, asked);
  return asked;
}

function keep(c: Context, language: Language): void {
  setCookie(c, LANGUAGE_COOKIE, language, {
    path: '/',
    maxAge: LANGUAGE_S,
    sameSite: 'Lax',
    httpOnly: true,
    secure: cameOverTls(c),
  });
}

/** A link that chooses the language and comes back: it works without script, and for who is not signed in. */
export function languageRoute(app: Hono): void {
  app.get('/language/:language', (c) => {
    const { language } = c.req.param();
    const back = c.req.query('back') ?? '';
    if (!isLanguage(language)) throw refusal('not-found', 'language');
    keep(c, language);
    return c.redirect(isOwnPage(back) ? back : '/', 303);
  });
}

/** A path of this service: no other host (`//…`, `/\\…`) and nothing that a browser would read as one. */
export function isOwnPage(path: string): boolean {
  return /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(path);
}
