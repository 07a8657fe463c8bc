import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT, decodeJwt, exportJWK } from 'jose';
import OidcProvider from 'oidc-provider';
import { atFileEnd } from './file-end.ts';
import type { Browser, Shown } from './form-client.ts';
import { secrets } from './service.ts';

/*
 * A real OpenID Connect issuer (the package oidc-provider) under a path, as Keycloak has it. Its people sign in without a
 * form: `issuer.person` is who sits at the screen. A test can change what it answers, and sign that with its key.
 */

export const CLIENT = 'claimstamp';
export const CLIENT_SECRET = 'a-client-secret-of-the-tests';
const PATH = '/realms/factory';

/** The package says many times that it is set up for tests, which it is. */
for (const name of ['warn', 'info'] as const) {
  const write = console[name].bind(console);
  console[name] = (...texts: unknown[]) => {
    if (!String(texts[0]).includes('oidc-provider')) write(...texts);
  };
}

export interface TestIssuer {
  url: string;
  /** The subject of the person at the screen. */
  person: string;
  /** What the issuer knows of each subject. */
  people: Map<string, Record<string, unknown>>;
  /** Changes the claims of the ID token before it is signed. */
  claims: (claims: Record<string, unknown>) => Record<string, unknown>;
  /** The key that signs changed ID tokens. The issuer publishes its own. */
  key: KeyObject;
  ownKey: KeyObject;
  /** Called for each request before the issuer; true if it has answered. */
  before: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
  /** Changes the JSON that the issuer answers at this path, for example its description of itself. */
  json: (path: string, body: Record<string, unknown>) => Record<string, unknown>;
  /** The requests so far, as paths. */
  asked: string[];
  /** The logout tokens that the issuer sent so far. */
  logoutTokens: string[];
  /** Signs a token with any claims. */
  sign: (claims: Record<string, unknown>, key?: KeyObject) => Promise<string>;
  /** The environment of a service that people sign on to. */
  env: (more?: Record<string, string>) => Record<string, string>;
  close: () => Promise<void>;
}

const open = new Set<TestIssuer>();
atFileEnd(async () => {
  await Promise.all([...open].map((one) => one.close()));
  open.clear();
});

export const newKey = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

export async function openIssuer({
  publicUrl = 'http://localhost',
  isPublic = false,
}: { publicUrl?: string; isPublic?: boolean } = {}): Promise<TestIssuer> {
  secrets.add(CLIENT_SECRET);
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}${PATH}`;
  const ownKey = newKey();
  const provider = new OidcProvider(url, {
    jwks: { keys: [{ ...(await exportJWK(ownKey)), kid: 'own', alg: 'RS256', use: 'sig' }] },
    clients: [
      {
        client_id: CLIENT,
        ...(isPublic
          ? { token_endpoint_auth_method: 'none' }
          : { client_secret: CLIENT_SECRET, token_endpoint_auth_method: 'client_secret_basic' }),
        redirect_uris: [`${publicUrl}/sign-on/callback`],
        post_logout_redirect_uris: [`${publicUrl}/sign-in`],
        backchannel_logout_uri: `http://127.0.0.1:${port}/of-the-service`,
        backchannel_logout_session_required: true,
      },
    ],
    pkce: { required: () => true },
    // The package refuses to call addresses of this machine.
    fetch: (to: string, { dispatcher: _dispatcher, ...options }: RequestInit & { dispatcher?: unknown }) =>
      fetch(to, options),
    cookies: { keys: ['a key of the tests'] },
    scopes: ['openid', 'profile', 'groups'],
    claims: {
      openid: ['sub'],
      profile: ['preferred_username', 'name'],
      groups: ['groups'],
      auth_time: null,
      sid: null,
    },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
    interactions: { url: (_ctx: unknown, { uid }: { uid: string }) => `${PATH}/interaction/${uid}` },
    findAccount: (_ctx: unknown, id: string) => ({
      accountId: id,
      claims: async () => ({ sub: id, ...issuer.people.get(id) }),
    }),
    loadExistingGrant: async ({ oidc }: { oidc: { session: { accountId: string } } }) => {
      const grant = new provider.Grant({ clientId: CLIENT, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid profile groups');
      await grant.save();
      return grant;
    },
  });
  const callback = provider.callback();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?', 1).join();
    issuer.asked.push(path.replace(PATH, ''));
    if (await issuer.before(request, response)) return;
    if (path === '/of-the-service') return receive(request, response);
    if (path.startsWith(`${PATH}/interaction/`)) {
      const login = { accountId: issuer.person, ts: Math.floor(Date.now() / 1000) };
      return provider.interactionFinished(request, response, { login });
    }
    changeAnswer(path.replace(PATH, ''), response);
    Object.assign(request, { originalUrl: request.url });
    request.url = (request.url ?? '').replace(PATH, '');
    return callback(request, response);
  }

  /** The issuer tells the service about an ended session. The test brings the token to the service. */
  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    issuer.logoutTokens.push(new URLSearchParams(body).get('logout_token') ?? '');
    response.writeHead(200).end();
  }

  function changeAnswer(path: string, response: ServerResponse): void {
    const end = response.end.bind(response);
    response.end = (chunk?: unknown) => {
      const isJson = String(response.getHeader('content-type')).startsWith('application/json');
      if (!isJson || (typeof chunk !== 'string' && !Buffer.isBuffer(chunk))) return end(chunk);
      void changed(path, JSON.parse(chunk.toString()) as Record<string, unknown>).then((text) => {
        response.setHeader('content-length', Buffer.byteLength(text));
        return end(text);
      });
      return response;
    };
  }

  async function changed(path: string, body: Record<string, unknown>): Promise<string> {
    const idToken = body['id_token'];
    const token =
      typeof idToken === 'string' ? { id_token: await issuer.sign(issuer.claims({ ...decodeJwt(idToken) })) } : {};
    secrets.add(...[idToken, body['access_token'], token.id_token].filter((one) => typeof one === 'string'));
    return JSON.stringify(issuer.json(path, { ...body, ...token }));
  }

  const issuer: TestIssuer = {
    url,
    person: 'sub-lin',
    people: new Map([['sub-lin', { preferred_username: 'lin@example.com', groups: ['staff', 'line-leads'] }]]),
    claims: (claims) => claims,
    key: ownKey,
    ownKey,
    before: () => false,
    json: (_path, body) => body,
    asked: [],
    logoutTokens: [],
    sign: (claims, key = issuer.key) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'own' }).sign(key),
    env: (more = {}) => ({
      CLAIMSTAMP_PUBLIC_URL: publicUrl,
      CLAIMSTAMP_SIGN_ON_ISSUER: url,
      CLAIMSTAMP_SIGN_ON_CLIENT: CLIENT,
      ...(isPublic ? {} : { CLAIMSTAMP_SIGN_ON_SECRET: CLIENT_SECRET }),
      CLAIMSTAMP_SIGN_ON_ROLES: 'claimstamp-admins=admin,line-leads=lead,qa-plant-2=qa,line-2=operator',
      CLAIMSTAMP_SIGN_ON_SCOPES: 'openid,profile,groups',
      ...more,
    }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  open.add(issuer);
  return issuer;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** What the person's browser keeps of the issuer. */
export type Jar = Map<string, string>;

/** Follows the issuer's pages as a browser does, up to the address of the service that it sends the browser to. */
export async function atIssuer(start: string, back: string, jar: Jar = new Map()): Promise<URL> {
  let url = new URL(start);
  for (let pages = 0; pages < 10; pages++) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    const location = answer.headers.get('location');
    if (location === null) throw new Error(`the issuer shows a page: ${answer.status} ${await answer.text()}`);
    url = new URL(location, url);
    if (url.href.startsWith(back)) return url;
  }
  throw new Error('the issuer leads nowhere');
}

/** The entire way of a person: the button, the issuer, and back. */
export async function signOn(
  browser: Browser,
  {
    page = '/sign-on',
    jar = new Map(),
    publicUrl = 'http://localhost',
  }: { page?: string; jar?: Jar; publicUrl?: string } = {},
): Promise<Shown & { callback: string }> {
  const begun = await browser.get(page);
  const location = begun.headers.get('location');
  if (location === null) return { ...begun, callback: '' };
  const url = await atIssuer(location, publicUrl, jar);
  const callback = url.pathname + url.search;
  return { ...(await browser.get(callback)), callback };
}
