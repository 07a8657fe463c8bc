import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { startAgent, type Agent } from '../support/print-agent.ts';
import { printClient, statesOf } from '../support/print-client.ts';
import { neverCloses, startRawPrinter } from '../support/raw-printer.ts';
import { secrets, startService, tempFolder, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';

/* The agent and the service as two processes, as on two machines. */

let service: Service;
const on = printClient(() => service);
beforeAll(async () => {
  service = await startService(tempFolder());
});
afterAll(() => service.end('SIGTERM'));

/** Sets a printer for an agent, and makes its token. */
async function agentPrinter(name: string, settings: object = {}): Promise<string> {
  await on.printer(name, { kind: 'agent', format: 'zpl', connectMs: 1000, ...settings });
  return tokenOf(name);
}

async function tokenOf(name: string): Promise<string> {
  const { token } = await on.ok<{ token: string }>('POST', `/v1/printers/${name}/token`, {});
  secrets.add(token);
  return token;
}

const connected = (agent: Agent): Promise<boolean> => until(() => agent.log().includes('connected to the service'));
const raw = (port: number): string => `127.0.0.1:${port}`;

describe('an agent that prints', () => {
  it('to a label printer on the network of the PC: sent, once, and a test label too', async () => {
    const token = await agentPrinter('pc-1');
    const zebra = await startRawPrinter();
    const agent = startAgent({ url: service.url, token, to: raw(zebra.port), state: tempFolder() });
    await connected(agent);
    const [uci = ''] = await on.make();
    const job = await on.print(uci, 'pc-1', { copies: 3 });
    await on.reaches(job, 'sent');
    expect(zebra.received()).toHaveLength(1);
    expect(zebra.received()[0]).toMatch(/\^PQ3/);
    expect(zebra.received()[0]).toContain(uci);
    expect(statesOf(service.data, job)).toEqual(['sending', 'sent']);
    expect(await on.unit(uci)).toMatchObject({ labels: 3 });
    expect(await on.ok('POST', '/v1/printers/pc-1/test')).toEqual({ state: 'sent' });
    expect(zebra.received()).toHaveLength(2);
    expect(agent.log()).toMatch(/Claimstamp label \d+ \([0-9a-f]{8}\): sent to the printer/);
    expect(agent.log()).not.toContain(uci);
    expect(await agent.end('SIGTERM')).toBe(0);
  });

  it('to a device, which must exist', async () => {
    const token = await agentPrinter('pc-usb');
    const device = join(tempFolder(), 'lp0');
    const agent = startAgent({ url: service.url, token, to: device, state: tempFolder() });
    await connected(agent);
    const [uci = ''] = await on.make();
    const job = await on.print(uci, 'pc-usb');
    expect(await on.trouble('pc-usb')).toContain(`printer pc-usb: ${device} is missing: plug the printer in`);
    expect(statesOf(service.data, job)).toEqual([]);
    writeFileSync(device, '');
    await on.reaches(job, 'sent');
    expect(readFileSync(device, 'utf8')).toMatch(/\^XZ\s*$/);
    expect(readFileSync(device, 'utf8')).toContain(uci);
    await agent.end('SIGTERM');
  });

  it('no agent is not reached, a printer that is off at the PC neither; labels leave in their order', async () => {
    const token = await agentPrinter('pc-off');
    const port = await freePort();
    const ucis = await on.make(3);
    const jobs: number[] = [];
    for (const uci of ucis) jobs.push(await on.print(uci, 'pc-off'));
    await until(async () => (await on.trouble('pc-off')).includes('no print agent is connected'));
    const agent = startAgent({ url: service.url, token, to: raw(port), state: tempFolder() });
    await until(async () => (await on.trouble('pc-off')).includes(`127.0.0.1:${port} refused the connection`));
    expect((await on.job(jobs[0] ?? 0)).state).toBe('queued');
    const zebra = await startRawPrinter(undefined, port);
    for (const job of jobs) await on.reaches(job, 'sent');
    expect(zebra.received().map((zpl, n) => zpl.includes(ucis[n] ?? '-'))).toEqual([true, true, true]);
    for (const job of jobs) expect(statesOf(service.data, job)).toEqual(['sending', 'sent']);
    await agent.end('SIGTERM');
  });

  it('a printer that takes another format refuses, and says which setting to change', async () => {
    const token = await agentPrinter('pc-pdf', { format: 'pdf' });
    const agent = startAgent({ url: service.url, token, to: raw(await freePort()), state: tempFolder() });
    await connected(agent);
    const [uci = ''] = await on.make();
    await on.print(uci, 'pc-pdf');
    await until(async () => /takes ZPL, but its setting "format" is PDF/.test(await on.trouble('pc-pdf')));
    expect(agent.log()).toMatch(/takes ZPL, and printer pc-pdf is set to PDF/);
    await agent.end('SIGTERM');
  });
});

describe('an agent that is killed', () => {
  it('while it prints: unknown, said by the restarted agent, and never printed again', async () => {
    const token = await agentPrinter('pc-killed');
    const zebra = await startRawPrinter(neverCloses);
    const settings = { url: service.url, token, to: raw(zebra.port), state: tempFolder() };
    const agent = startAgent(settings);
    const [uci = '', later = ''] = await on.make(2);
    const job = await on.print(uci, 'pc-killed');
    await until(() => zebra.received()[0]?.includes('^XZ'));
    await agent.end('SIGKILL');
    expect((await on.job(job)).state).toBe('sending');
    const again = startAgent(settings);
    expect((await on.reaches(job, 'unknown')).reason).toMatch(
      /the print agent stopped while it was printing the label/,
    );
    expect(again.log()).toMatch(/stopped while it was printing a label: check the printer/);
    await on.reaches(await on.print(later, 'pc-killed'), 'sent');
    expect(zebra.received().map((zpl) => zpl.includes(uci))).toEqual([true, false]);
    expect(statesOf(service.data, job)).toEqual(['sending', 'unknown']);
    await again.end('SIGTERM');
  });

  it('while it prints, and does not come back: unknown after its silence', async () => {
    const token = await agentPrinter('pc-gone', { silentMs: 1500 });
    const zebra = await startRawPrinter(neverCloses);
    const agent = startAgent({ url: service.url, token, to: raw(zebra.port), state: tempFolder() });
    const [uci = ''] = await on.make();
    const job = await on.print(uci, 'pc-gone');
    await until(() => zebra.received()[0]?.includes('^XZ'));
    await agent.end('SIGKILL');
    expect((await on.reaches(job, 'unknown')).reason).toMatch(/took the label, and then reported nothing for 1.5 s/);
  });

  it('after it printed, before the service knew: the restarted agent tells the outcome', async () => {
    const token = await agentPrinter('pc-after');
    const wire = await openWire(service.port);
    const zebra = await startRawPrinter();
    const settings = { url: wire.url, token, to: raw(zebra.port), state: tempFolder() };
    const agent = startAgent(settings);
    await connected(agent);
    wire.cutAt('/v1/print-agent/report');
    const [uci = ''] = await on.make();
    const job = await on.print(uci, 'pc-after');
    await until(() => /label \d+ \([0-9a-f]{8}\): sent to the printer/.test(agent.log()));
    await until(() => wire.cuts() > 0);
    await agent.end('SIGKILL');
    expect((await on.job(job)).state).toBe('sending');
    wire.cutAt(undefined);
    const again = startAgent(settings);
    await on.reaches(job, 'sent');
    expect(zebra.received()).toHaveLength(1);
    await again.end('SIGTERM');
    await wire.close();
  });

  it('with SIGTERM while it prints: the label is printed and reported first', async () => {
    const token = await agentPrinter('pc-term');
    const zebra = await startRawPrinter(neverCloses);
    const agent = startAgent({ url: service.url, token, to: raw(zebra.port), state: tempFolder() });
    const [uci = ''] = await on.make();
    const job = await on.print(uci, 'pc-term');
    await until(() => zebra.received()[0]?.includes('^XZ'));
    expect(await agent.end('SIGTERM')).toBe(0);
    expect((await on.reaches(job, 'sent', 'unknown')).state).toBe('sent');
  });

  it('with a damaged memory: it says so, and the label is unknown', async () => {
    const token = await agentPrinter('pc-torn', { silentMs: 3000 });
    const zebra = await startRawPrinter(neverCloses);
    const state = tempFolder();
    const settings = { url: service.url, token, to: raw(zebra.port), state };
    const agent = startAgent(settings);
    const [uci = ''] = await on.make();
    const job = await on.print(uci, 'pc-torn');
    await until(() => zebra.received()[0]?.includes('^XZ'));
    await agent.end('SIGKILL');
    writeFileSync(join(state, 'print-agent.json'), '{"agent":"AAAA');
    const again = startAgent(settings);
    await until(() => /is damaged/.test(again.log()));
    await on.reaches(job, 'unknown');
    expect(zebra.received()).toHaveLength(1);
    await again.end('SIGTERM');
  });
});

describe('two agents', () => {
  it('with one token: the second is refused, the first goes on', async () => {
    const token = await agentPrinter('pc-two');
    const [one, two] = [await startRawPrinter(), await startRawPrinter()];
    const first = startAgent({ url: service.url, token, to: raw(one.port), state: tempFolder() });
    await connected(first);
    const second = startAgent({ url: service.url, token, to: raw(two.port), state: tempFolder() });
    await until(() => /a print agent on .* already serves printer pc-two: stop that print agent/.test(second.log()));
    const [uci = ''] = await on.make();
    await on.reaches(await on.print(uci, 'pc-two'), 'sent');
    expect([one.received().length, two.received().length]).toEqual([1, 0]);
    await Promise.all([first.end('SIGTERM'), second.end('SIGTERM')]);
  });

  it('with one folder: the second ends at once', async () => {
    const token = await agentPrinter('pc-folder');
    const settings = { url: service.url, token, to: raw(await freePort()), state: tempFolder() };
    const first = startAgent(settings);
    await connected(first);
    const second = startAgent(settings);
    expect(await second.ended).toBe(1);
    expect(second.log()).toMatch(/another print agent uses/);
    await first.end('SIGTERM');
  });
});

describe('the token', () => {
  it('of no printer, or withdrawn: the agent says so at once and ends', async () => {
    const token = await agentPrinter('pc-wrong');
    await on.ok('DELETE', '/v1/printers/pc-wrong/token');
    for (const wrong of [token, `csp_${'x'.repeat(43)}`]) {
      const agent = startAgent({ url: service.url, token: wrong, to: raw(9100), state: tempFolder() });
      expect(await agent.ended).toBe(1);
      expect(agent.log()).toMatch(/token/);
    }
  });

  it('withdrawn while the agent waits: the wait ends within a second', async () => {
    const token = await agentPrinter('pc-withdrawn');
    const zebra = await startRawPrinter();
    const agent = startAgent({ url: service.url, token, to: raw(zebra.port), state: tempFolder() });
    await connected(agent);
    const since = performance.now();
    await on.ok('DELETE', '/v1/printers/pc-withdrawn/token');
    await until(() => /trying again/.test(agent.log()));
    expect(performance.now() - since).toBeLessThan(1500);
    const [uci = ''] = await on.make();
    const job = await on.print(uci, 'pc-withdrawn');
    expect(await on.trouble('pc-withdrawn')).toMatch(/no print agent is connected|not connected yet/);
    expect(statesOf(service.data, job)).toEqual([]);
    await agent.end('SIGTERM');
  });

  it('a new one ends the former one, and its agent serves at once', async () => {
    const former = await agentPrinter('pc-new');
    const [one, two] = [await startRawPrinter(), await startRawPrinter()];
    const old = startAgent({ url: service.url, token: former, to: raw(one.port), state: tempFolder() });
    await connected(old);
    const agent = startAgent({
      url: service.url,
      token: await tokenOf('pc-new'),
      to: raw(two.port),
      state: tempFolder(),
    });
    await connected(agent);
    const [uci = ''] = await on.make();
    await on.reaches(await on.print(uci, 'pc-new'), 'sent');
    expect([one.received().length, two.received().length]).toEqual([0, 1]);
    await Promise.all([old.end('SIGTERM'), agent.end('SIGTERM')]);
  });

  it('of a printer that got another kind prints nothing', async () => {
    const token = await agentPrinter('pc-kind');
    await on.printer('pc-kind', { kind: 'raw9100', host: '127.0.0.1' });
    const agent = startAgent({ url: service.url, token, to: raw(9100), state: tempFolder() });
    expect(await agent.ended).toBe(1);
    expect(agent.log()).toMatch(/printer pc-kind is not of the kind/);
    const refused = await on.ask('POST', '/v1/printers/pc-kind/token', {});
    expect(refused.status).toBe(409);
  });
});

describe('the address', () => {
  it('http:// to another machine is refused, unless it is allowed', async () => {
    const settings = { url: 'http://claims.example:4100', token: 'csp_x', to: raw(9100), state: tempFolder() };
    const refused = startAgent(settings);
    expect(await refused.ended).toBe(1);
    expect(refused.log()).toMatch(/would send the token and the labels unencrypted: use https:/);
    const allowed = startAgent({ ...settings, more: ['--insecure'] });
    await until(() => /claims\.example:4100 does not answer .*; trying again/.test(allowed.log()));
    await allowed.end('SIGTERM');
  });

  it('of no service: the agent says so, and connects when the service is there', async () => {
    const place = await movingService();
    await place.end('SIGTERM');
    const agent = startAgent({ ...place.settings, to: raw(await freePort()) });
    await until(() => /does not answer \(ECONNREFUSED\).*; trying again/.test(agent.log()));
    await place.start();
    await connected(agent);
    await agent.end('SIGTERM');
    await place.end('SIGTERM');
  });

  it('of a service that is killed while a label is at the agent: unknown, and the next label prints', async () => {
    const place = await movingService();
    const zebra = await startRawPrinter(neverCloses);
    const agent = startAgent({ ...place.settings, to: raw(zebra.port) });
    const [uci = '', later = ''] = await place.on.make(2);
    const job = await place.on.print(uci, 'pc');
    await until(() => zebra.received()[0]?.includes('^XZ'));
    await place.end('SIGKILL');
    await place.start();
    expect((await place.on.reaches(job, 'unknown')).reason).toMatch(/the service stopped while it was sending the job/);
    await until(() => /the service has already closed the print job of this label/.test(agent.log()));
    await place.on.reaches(await place.on.print(later, 'pc'), 'sent');
    expect(zebra.received().map((zpl) => zpl.includes(uci))).toEqual([true, false]);
    await agent.end('SIGTERM');
    await place.end('SIGTERM');
  });
});

/** A service that stays at its address, with a printer `pc` for an agent. */
async function movingService() {
  const data = tempFolder();
  const PORT = String(await freePort());
  let now = await startService(data, { PORT });
  const there = printClient(() => now);
  await there.printer('pc', { kind: 'agent', format: 'zpl' });
  const { token } = await there.ok<{ token: string }>('POST', '/v1/printers/pc/token', {});
  return {
    on: there,
    settings: { url: now.url, token, state: tempFolder() },
    start: async () => void (now = await startService(data, { PORT })),
    end: (signal: 'SIGTERM' | 'SIGKILL') => now.end(signal),
  };
}

interface Wire {
  url: string;
  /** Breaks each connection that sends this text. */
  cutAt: (text: string | undefined) => void;
  cuts: () => number;
  close: () => Promise<void>;
}

/** A network between the agent and the service. */
async function openWire(to: number): Promise<Wire> {
  let cut: string | undefined;
  let cuts = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    const far = connect(to, '127.0.0.1');
    for (const one of [socket, far]) sockets.add(one.on('error', () => {}));
    socket.on('data', (chunk: Buffer) => {
      if (cut === undefined || !chunk.includes(cut)) return void far.write(chunk);
      cuts++;
      socket.destroy();
      far.destroy();
    });
    far.on('data', (chunk) => socket.write(chunk));
    socket.on('close', () => far.destroy());
    far.on('close', () => socket.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutAt: (text) => void (cut = text),
    cuts: () => cuts,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
