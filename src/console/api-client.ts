import type { Context } from 'hono';
import { ClaimstampError } from '../platform/error.ts';
import type { AppParts } from '../http/app.ts';
import { openClient, type Client, type Transport } from '../http/client.ts';
import { problemIn } from '../http/problems.ts';
import { CSRF_HEADER } from '../http/session.ts';
import { bindingsOf } from '../http/source.ts';

/** The console calls the API like any other program does, with the same checks, limits and messages. */
export function clientFor({ app }: AppParts, c: Context, csrf: string): Client {
  const send: Transport['send'] = async (method, path, body) => {
    const headers = new Headers(c.req.raw.headers);
    for (const framed of ['content-length', 'transfer-encoding']) headers.delete(framed);
    headers.set('content-type', 'application/json');
    headers.set(CSRF_HEADER, csrf);
    const init = body === undefined ? { method, headers } : { method, headers, body };
    // Only the page itself may write to Node's response object, so the API call does not get this object.
    const inside = { ...bindingsOf(c), outgoing: undefined };
    const answer = await app.request(new URL(path, c.req.url).href, init, inside);
    if (answer.ok) return answer;
    const { code, detail: said = code, problems } = problemIn(await answer.json());
    if (code === undefined || said === undefined) throw new Error(said);
    // The call to the API asks for the visitor's language. If an answer has no content-language, its text is English.
    const values = problems === undefined ? {} : { values: { problems: problems.map((key) => ({ key })) } };
    const text = answer.headers.has('content-language') || problems !== undefined ? { key: said, ...values } : said;
    const wait = answer.headers.get('retry-after');
    throw new ClaimstampError(code, text, wait === null ? undefined : Number(wait));
  };
  return openClient({ send, read: (answer) => answer.json() });
}
