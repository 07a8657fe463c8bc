import type { Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { refusal } from '../platform/error.ts';
import { cameOverTls } from './headers.ts';
import type { Language } from '../../words/sentence.ts';
import { isLanguage, preferred } from './words.ts';

/*
 * A page appears in the language that the user chose on any page. If the user has not chosen a language, the page
 * appears in the browser's language.
 */

const LANGUAGE_COOKIE = 'claimstamp-language';

/** A year in seconds. The cookie does not identify the user. */
const LANGUAGE_S = 365 * 24 * 3600;

export function languageOf(c: Context): Language {
  const chosen = getCookie(c, LANGUAGE_COOKIE);
  return isLanguage(chosen) ? chosen : preferred(c.req.header('accept-language'));
}

/**
 * Returns the language of a page before sign-in. The address of such a page may contain a secret. So the page's
 * language links contain only `?language=es`.
 */
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

/**
 * Adds the route of the language links, which set the language and return to the page. The links work without scripts
 * and before sign-in.
 */
export function languageRoute(app: Hono): void {
  app.get('/language/:language', (c) => {
    const { language } = c.req.param();
    const back = c.req.query('back') ?? '';
    if (!isLanguage(language)) throw refusal('not-found', 'language');
    keep(c, language);
    return c.redirect(isOwnPage(back) ? back : '/', 303);
  });
}

/** Returns true if the text is a path on this service. Browsers read `//…` and `/\\…` as addresses of other hosts. */
export function isOwnPage(path: string): boolean {
  return /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(path);
}
