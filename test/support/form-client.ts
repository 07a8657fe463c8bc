/** The routes, in this process or behind a socket. */
export interface App {
  request: (path: string, init: RequestInit, env?: object) => Response | Promise<Response>;
}

/** What a browser does with our pages: it keeps cookies, fills in forms, and follows nothing by itself. */
export interface Browser {
  cookies: Map<string, string>;
  /** `Set-Cookie` of the last answer. */
  set: string[];
  get: (path: string, headers?: Record<string, string>) => Promise<Shown>;
  /** Sends the fields, and `csrf` of the page shown last where none is given. */
  send: (path: string, fields?: Record<string, string>, headers?: Record<string, string>) => Promise<Shown>;
  /** Sends a form with files, as htmx does. */
  upload: (path: string, fields: Record<string, string | File>) => Promise<Shown>;
  /** A request of a script on our pages, with the session's token. */
  call: (method: string, path: string, body?: unknown) => Promise<Response>;
}

export interface Shown {
  status: number;
  headers: Headers;
  text: string;
  csrf: string;
}

export function openBrowser(app: App, source = '127.0.0.1'): Browser {
  const cookies = new Map<string, string>();
  let csrf = '';
  const request = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    const answer = await app.request(path, { ...init, headers }, { incoming: { socket: { remoteAddress: source } } });
    browser.set = answer.headers.getSetCookie();
    for (const line of browser.set) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  };
  const shown = async (answer: Response): Promise<Shown> => {
    const text = await answer.text();
    const found = /(?:name="csrf" value|data-csrf)="([^"]*)"/.exec(text)?.[1];
    if (found !== undefined) csrf = found;
    return { status: answer.status, headers: answer.headers, text, csrf: found ?? '' };
  };
  const browser: Browser = {
    cookies,
    set: [],
    async get(path, headers = {}) {
      const page = await shown(await request(path, { headers: { ...PAGE, ...headers } }));
      if (!page.text.includes(LATER)) return page;
      const body = await request(path, { headers: { ...headers, 'hx-request': 'true' } });
      return { ...page, text: page.text.replace(/<div class="later"[^]*?<\/div>/, await body.text()) };
    },
    send: async (path, fields = {}, headers = {}) => {
      const body = new URLSearchParams({ csrf, ...fields }).toString();
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      return shown(await request(path, { method: 'POST', body, headers: { ...PAGE, ...type, ...headers } }));
    },
    upload: async (path, fields) => {
      const body = new FormData();
      for (const [name, value] of Object.entries({ csrf, ...fields })) body.set(name, value);
      return shown(await request(path, { method: 'POST', body, headers: { ...PAGE, 'hx-request': 'true' } }));
    },
    call: (method, path, body) =>
      request(path, {
        method,
        headers: { 'x-csrf-token': csrf, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
  };
  return browser;
}

/** In a page whose body the browser fetches then. */
const LATER = 'class="later"';

/** What browsers send when they go to a page. */
const PAGE = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

export const PASSWORD = 'four words are enough';

/** The way a person comes in for the first time: an admin sets them, makes a link, and they choose a password. */
export async function invited(
  { app, ask }: { app: App; ask: <T>(method: string, path: string, body?: unknown) => Promise<{ body: T }> },
  name: string,
  role = 'operator',
  source = '127.0.0.1',
): Promise<Browser> {
  await ask('PUT', `/v1/people/${name}`, { role });
  const { link } = (await ask<{ link: string }>('POST', `/v1/people/${name}/link`)).body;
  const browser = openBrowser(app, source);
  const path = new URL(link).pathname;
  await browser.get(path);
  await browser.send(path, { password: PASSWORD, again: PASSWORD });
  await browser.get('/account');
  return browser;
}
