import { describe, expect, it } from 'vitest';
import { networkOf } from '../../src/model/station.ts';
import { openDesk, type Desk, type Problem } from '../support/service.ts';

const PROXY = '10.0.0.1';

const CATALOG = { CLAIMSTAMP_AGENT_ACCESS: 'allowlist', CLAIMSTAMP_AGENT_ALLOW: '10.0.8.0/24,127.0.0.1,2001:db8::/64' };

interface Heard extends Problem {
  id: string;
}

/** What an agent gets whose request comes from the socket address `from` with these headers. */
async function ask(
  desk: Desk,
  from: string,
  headers: Record<string, string>,
): Promise<{ status: number; body: Heard }> {
  const answer = await desk.app.request(
    '/ioto/serialize',
    { method: 'POST', body: '{"product":"DEMO"}', headers },
    { incoming: { socket: { remoteAddress: from } } },
  );
  return { status: answer.status, body: (await answer.json()) as Heard };
}

const forwarded = (value: string): Record<string, string> => ({ 'x-forwarded-for': value });

/** The address that the gate refused, from its sentence. */
const refused = (body: Problem): string => body.detail.split(' ')[0] as string;

describe('without trusted proxies', () => {
  it('X-Forwarded-For changes nothing, neither lets in nor shuts out', async () => {
    const desk = await openDesk(CATALOG);
    for (const said of ['10.0.8.11', '127.0.0.1', '::1', 'rubbish', '10.0.8.11, 10.0.8.12']) {
      const stranger = await ask(desk, '10.0.9.1', { ...forwarded(said), forwarded: `for=${said}`, 'x-real-ip': said });
      expect(stranger.status).toBe(403);
      expect(refused(stranger.body)).toBe('10.0.9.1');
      expect((await ask(desk, '10.0.8.11', forwarded('10.0.9.1'))).status).toBe(200);
    }
  });

  it('every form of an IPv4-mapped address is the IPv4 address', async () => {
    const desk = await openDesk(CATALOG);
    for (const form of [
      '::ffff:10.0.8.11',
      '::FFFF:10.0.8.11',
      '::ffff:0a00:080b',
      '::ffff:a00:80b',
      '0:0:0:0:0:ffff:a00:80b',
    ]) {
      expect((await ask(desk, form, {})).status, form).toBe(200);
    }
    expect((await ask(desk, '::ffff:a00:90b', {})).status).toBe(403);
  });

  it('the narrowest block is the station, also where blocks are written as IPv4-mapped', async () => {
    const desk = await openDesk();
    const wide = ['::ffff:10.0.0.0/104', '10.0.8.0/24', '::ffff:10.0.8.0/121', '10.0.8.8/29', '10.0.8.9/32'];
    for (const [index, source] of wide.entries())
      await desk.ask('PUT', `/v1/stations/S${index}`, { sources: [source] });
    for (const [index, address] of ['10.0.9.1', '10.0.8.200', '10.0.8.100', '10.0.8.10', '10.0.8.9'].entries()) {
      const { id } = (await ask(desk, address, {})).body;
      expect((await desk.ask('GET', `/v1/units/${id}`)).body, address).toMatchObject({ station: `S${index}` });
    }
  });

  it('an IPv6 address counts without its zone and however it is written', async () => {
    const desk = await openDesk(CATALOG);
    expect((await ask(desk, '2001:DB8:0:0:0:0:0:7', {})).status).toBe(200);
    const linkLocal = await ask(desk, 'fe80::7%eth0', {});
    expect([linkLocal.status, refused(linkLocal.body)]).toEqual([403, 'fe80::7']);
  });
});

describe('behind a trusted proxy', () => {
  const env = { ...CATALOG, CLAIMSTAMP_TRUSTED_PROXIES: `${PROXY}, 10.0.0.2, 2001:db8:f::/64` };

  it('the client is the rightmost address that is no trusted proxy', async () => {
    const desk = await openDesk(env);
    const cases: [header: string, status: number][] = [
      ['10.0.8.11', 200],
      ['10.0.9.1', 403],
      ['10.0.8.11, 10.0.9.1', 403],
      ['10.0.9.1, 10.0.8.11', 200],
      ['10.0.9.1, 10.0.8.11, 10.0.0.2', 200],
      ['10.0.8.11, 10.0.9.1, 10.0.0.2', 403],
      ['10.0.9.1, ::ffff:a00:80b', 200],
      ['2001:DB8::7, 2001:db8:f::1', 200],
      // What stands left of the client is the client's own invention.
      ['2130706433, "><script>, 10.0.8.11', 200],
    ];
    for (const [header, status] of cases) {
      expect((await ask(desk, PROXY, forwarded(header))).status, header).toBe(status);
      expect((await ask(desk, `::ffff:${PROXY}`, forwarded(header))).status, header).toBe(status);
    }
  });

  it('a request without the header is the proxy itself', async () => {
    const desk = await openDesk(env);
    const own = await ask(desk, PROXY, {});
    expect([own.status, refused(own.body)]).toEqual([403, PROXY]);
  });

  it('what is no plain address where the client should stand is refused as 400, whatever it could be read as', async () => {
    const desk = await openDesk(env);
    for (const entry of [
      '2130706433',
      '0177.0.0.1',
      '0x7f.0.0.1',
      '0x7f000001',
      '127.1',
      '010.0.8.11',
      '10.0.8.11:4100',
      '[2001:db8::7]',
      '[2001:db8::7]:443',
      'localhost',
      'unknown',
      '10.0.8.11 10.0.8.12',
      '10.0.8.0/24',
      '',
      '10.0.8.11,',
      '10.0.8.256',
      '::ffff:10.0.8.11:1:2:3:4',
    ]) {
      const { status, body } = await ask(desk, PROXY, forwarded(entry));
      expect([status, body.type], entry).toEqual([400, 'urn:claimstamp:problem:proxy-header']);
      expect(body.detail).toMatch(/^a proxy in CLAIMSTAMP_TRUSTED_PROXIES sent no plain IP address/);
    }
    expect(await desk.size()).toBe(1);
    // Else a line behind such a proxy would stand, and nobody would see why.
    const { refusals } = (await desk.ask<{ refusals: object[] }>('GET', '/v1/stations/default')).body;
    expect(refusals).toMatchObject([{ code: 'proxy-header', lastSource: PROXY }]);
  });

  it('an answer is said to be over TLS only when the trusted proxy says so', async () => {
    const desk = await openDesk(env);
    const hsts = async (from: string, proto: string): Promise<string | null> => {
      const headers = { 'x-forwarded-proto': proto };
      const env = { incoming: { socket: { remoteAddress: from } } };
      return (await desk.app.request('/healthz', { headers }, env)).headers.get('strict-transport-security');
    };
    expect(await hsts(PROXY, 'https')).toMatch(/^max-age=\d+$/);
    expect(await hsts(PROXY, 'http, https')).toMatch(/^max-age=\d+$/);
    expect(await hsts(PROXY, 'https, http')).toBeNull();
    expect(await hsts(PROXY, 'http')).toBeNull();
    expect(await hsts('10.0.9.1', 'https')).toBeNull();
  });
});

describe('a client', () => {
  it('from one IPv6 network is one', () => {
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2');
    expect(networkOf('2001:db8:1:2::6')).toBe('2001:db8:1:2');
    expect(networkOf('2001:db8::6')).toBe('2001:db8:0:0');
    expect(networkOf('::1')).toBe('0:0:0:0');
    expect(networkOf('10.0.0.1')).toBe('10.0.0.1');
  });
});
