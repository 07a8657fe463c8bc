import { beforeEach, describe, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { person, type Headers } from '../support/askers.ts';
import { openDesk, secrets, type Desk } from '../support/service.ts';

/* The forms for the token of a print agent, on the page of its printer. */

let desk: Desk;
let admin: Headers;
beforeEach(async () => {
  desk = await openDesk();
  await desk.ask('PUT', '/v1/printers/pc-1', { kind: 'agent', format: 'zpl' });
  admin = await person(desk, 'ann', 'admin');
});

const submit = async (path: string, fields: Record<string, string>, by = admin): Promise<string> => {
  const body = new URLSearchParams({ csrf: by['x-csrf-token'] ?? '', ...fields }).toString();
  const headers = { cookie: by['cookie'] ?? '', 'content-type': 'application/x-www-form-urlencoded' };
  return (await desk.app.request(path, { method: 'POST', headers, body })).text();
};
const pageOf = async (name: string, headers = admin): Promise<string> =>
  (await desk.app.request(`/printer-settings?name=${name}`, { headers })).text();
const makeToken = async (name = 'pc-1'): Promise<string> => {
  const [token = ''] = /csp_[A-Za-z0-9_-]{43}/.exec(await submit('/printer-settings/token', { name })) ?? [];
  secrets.add(token);
  return token;
};
/** The status of a question of a print agent with this token. */
const agentAsks = async (token: string): Promise<number> => {
  const body = JSON.stringify({ agent: 'pAvWsR2z0Xk5mQ8t', run: 1, host: 'PC-7', takes: 'zpl', waitMs: 0 });
  const headers = { authorization: `Bearer ${token}` };
  return (await desk.app.request('/v1/print-agent/next', { method: 'POST', headers, body })).status;
};

describe('the form that makes a token', () => {
  it('shows it once, and a print agent may use it', async () => {
    desk.house.startPrinting();
    const token = await makeToken();
    expect(await agentAsks(token)).toBe(200);
    expect(await pageOf('pc-1')).not.toContain(token);
  });

  it('ends the former token', async () => {
    const former = await makeToken();
    expect(await makeToken()).not.toBe(former);
    expect(await agentAsks(former)).toBe(401);
  });

  it('is refused for a printer of another kind, with the reason', async () => {
    await desk.ask('PUT', '/v1/printers/folder', { kind: 'file', folder: '/proc/nowhere', format: 'pdf' });
    const said = await submit('/printer-settings/token', { name: 'folder' });
    expect(said).toContain('class="refused"');
    expect(said).not.toContain('csp_');
  });

  it('is only on the page of a printer with a print agent', async () => {
    await desk.ask('PUT', '/v1/printers/folder', { kind: 'file', folder: '/proc/nowhere', format: 'pdf' });
    expect(await pageOf('pc-1')).toContain('/printer-settings/token');
    expect(await pageOf('folder')).not.toContain('/printer-settings/token');
  });
});

it('the form that withdraws a token ends it at once, and the ledger records by whom', async () => {
  const token = await makeToken();
  await submit('/printer-settings/token/withdraw', { name: 'pc-1' });
  expect(await agentAsks(token)).toBe(401);
  const events = audit(desk.data).lines.map(
    (line) => JSON.parse(line) as { type: string; actor: string; data: object },
  );
  expect(events.filter(({ type }) => type === 'printer-token-set').map(({ actor, data }) => ({ actor, data }))).toEqual(
    [
      { actor: 'person:ann', data: { printer: 'pc-1' } },
      { actor: 'person:ann', data: { printer: 'pc-1', withdrawn: true } },
    ],
  );
});
