import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { verifyFile, verifyLedger } from '../../src/jobs/verify-file.ts';
import { openSenders } from '../../src/jobs/send-checkpoints.ts';
import { parseCheckpoint, splitNote } from '../../src/proof/checkpoint.ts';
import { openLog } from '../../src/platform/log.ts';
import { toWebhook } from '../../src/relay/webhook.ts';
import { ADMIN_TOKEN, openDesk, tempFolder, type Desk } from '../support/service.ts';
import { until } from '../support/until.ts';
import { openWitness, type WitnessServer } from '../support/witness.ts';

const open: { close: () => Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function witness(name?: string): Promise<WitnessServer> {
  const server = await openWitness(name);
  open.push(server);
  return server;
}

async function desk(witnesses: WitnessServer[], data?: string, env: Record<string, string> = {}): Promise<Desk> {
  const made = await openDesk(
    { CLAIMSTAMP_WITNESSES: witnesses.map(({ setting }) => setting).join(', '), ...env },
    data,
  );
  open.push(made);
  const vkey = await keyOf(made);
  for (const one of witnesses) one.know(vkey);
  return made;
}

const keyOf = async (from: Desk): Promise<string> =>
  (await from.ask<{ verifierKey: string }>('GET', '/v1/ledger/key')).body.verifierKey;

async function file(from: Desk, path: string): Promise<string> {
  const answer = await from.app.request(path, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  expect(answer.status, path).toBe(200);
  return answer.text();
}

const signatures = (note: string): number => splitNote(note).signatures.length;

/** Issues one more and waits until this many have signed its checkpoint. */
async function grow(from: Desk, mac: string, cosigners = 1): Promise<string> {
  const issued = await from.agent({ product: 'DEMO', mac });
  expect(issued.status).toBe(200);
  const size = await from.size();
  await file(from, '/v1/ledger/checkpoint');
  await until(async () => {
    const note = await file(from, `/v1/ledger/checkpoint?size=${size}`);
    return signatures(note) > cosigners ? note : undefined;
  });
  return issued.body.id;
}

const policy = (log: string, ...witnesses: string[]): string =>
  [
    `log ${log}`,
    ...witnesses.map((vkey, i) => `witness w${i} ${vkey}`),
    `group all all ${witnesses.map((_vkey, i) => `w${i}`).join(' ')}`,
    'quorum all',
    '',
  ].join('\n');

describe('a witness', () => {
  it('signs each checkpoint, with the proof that the ledger has only grown', async () => {
    const one = await witness();
    const from = await desk([one]);
    for (const mac of ['m-1', 'm-2', 'm-3']) await grow(from, mac);
    const taken = one.requests.filter(({ status }) => status === 200);
    expect(taken.length).toBeGreaterThanOrEqual(3);
    expect(taken.some(({ old, proof }) => old > 0 && proof > 0)).toBe(true);
    const note = await file(from, '/v1/ledger/checkpoint?cosigned=true');
    expect(parseCheckpoint(note).size).toBe(await from.size());
    expect(readFileSync(join(from.data, 'checkpoint'), 'utf8')).toBe(note);
  });

  it('that knows more than the client is asked again from its own size', async () => {
    const one = await witness();
    const first = await desk([one]);
    await grow(first, 'm-1');
    open.splice(open.indexOf(first), 1);
    await first.close();
    one.requests.length = 0;
    const again = await desk([one], first.data);
    await grow(again, 'm-2');
    expect(one.requests.slice(0, 2).map(({ status }) => status)).toEqual([409, 200]);
  });

  it('that never answers is not waited for: neither agents nor auditors', async () => {
    const one = await witness();
    const from = await desk([one]);
    const pending: ServerResponse[] = [];
    one.behave((response) => void pending.push(response));
    expect((await from.agent({ product: 'DEMO', mac: 'm-1' })).status).toBe(200);
    const note = await file(from, '/v1/ledger/checkpoint');
    await until(() => pending.length > 0);
    expect((await from.agent({ product: 'DEMO', mac: 'm-2' })).status).toBe(200);
    expect(parseCheckpoint(await file(from, '/v1/ledger/checkpoint')).size).toBeGreaterThan(parseCheckpoint(note).size);
    expect(pending[0]?.destroyed).toBe(false);
  });

  it.each([
    ['refuses', (response: ServerResponse) => void response.writeHead(500).end(), 'with HTTP status 500'],
    [
      'sends on',
      (response: ServerResponse) => void response.writeHead(302, { location: '/' }).end(),
      'HTTP status 302',
    ],
    ['signs nothing', (response: ServerResponse) => void response.end('— x AAAA\n'), 'no valid cosignature'],
    ['answers without end', (response: ServerResponse) => void response.end('x'.repeat(20_000)), 'ANSWER_TOO_LARGE'],
    ['hangs up', (response: ServerResponse) => void response.destroy(), 'ECONNRESET'],
  ])('that %s is logged once, and gives no cosignature', async (_what, how, said) => {
    const one = await witness();
    one.behave(how);
    const from = await desk([one]);
    for (const mac of ['m-1', 'm-2', 'm-3']) {
      await from.agent({ product: 'DEMO', mac });
      expect(signatures(await file(from, '/v1/ledger/checkpoint'))).toBe(1);
    }
    await until(() => from.log().includes('a checkpoint could not be sent'));
    expect(from.log()).toContain(said);
    expect(from.log().match(/a checkpoint could not be sent/g)).toHaveLength(1);
  });

  it('that does not know the log is told of in the log', async () => {
    const one = await witness();
    const from = await openDesk({ CLAIMSTAMP_WITNESSES: one.setting });
    open.push(from);
    await from.agent({ product: 'DEMO', mac: 'm-1' });
    await file(from, '/v1/ledger/checkpoint');
    await until(() => from.log().includes('does not know this log (404)'));
    const none = await from.ask<{ detail: string }>('GET', '/v1/ledger/checkpoint?cosigned=true');
    expect([none.status, none.body.detail]).toEqual([404, expect.stringContaining('no witness has answered yet')]);
  });

  it('never signs a history that was rewritten and accepted', async () => {
    const one = await witness();
    const from = await desk([one]);
    await grow(from, 'm-1');
    const vkey = await keyOf(from);
    const key = readFileSync(join(from.data, 'signing-key.pem'), 'utf8');
    const other = tempFolder();
    writeFileSync(join(other, 'signing-key.pem'), key);
    const forged = await desk([one], other);
    expect(await keyOf(forged)).toBe(vkey);
    for (let i = 0; i < 5; i++) await forged.agent({ product: 'DEMO', mac: `x-${i}` });
    await file(forged, '/v1/ledger/checkpoint');
    await until(() => forged.log().includes('the witness has signed another history of this log'));
    expect(signatures(await file(forged, '/v1/ledger/checkpoint'))).toBe(1);
    open.splice(open.indexOf(forged), 1);
    await forged.close();
    const options = { keys: [vkey], policy: policy(vkey, one.vkey) };
    const found = await verifyLedger(join(other, 'ledger.db'), options);
    expect(found.findings.map(({ what }) => what).join()).toContain('no checkpoint satisfies the policy');
  });

  it('needs a key and an address in the settings', async () => {
    await expect(openDesk({ CLAIMSTAMP_WITNESSES: 'w1 http://127.0.0.1/' })).rejects.toThrow(
      /CLAIMSTAMP_WITNESSES.*is not the verifier key of a witness/s,
    );
    const one = await witness();
    await expect(openDesk({ CLAIMSTAMP_WITNESSES: one.vkey })).rejects.toThrow(/must be a verifier key, a space/);
  });
});

describe('a policy', () => {
  it('holds where all its witnesses have signed, and not where one is missing', async () => {
    const [one, two] = [await witness('witness.example/w1'), await witness('witness.example/w2')];
    const stranger = await witness('witness.example/w3');
    const from = await desk([one, two]);
    await grow(from, 'm-1', 2);
    const log = await keyOf(from);
    open.splice(open.indexOf(from), 1);
    await from.close();
    const ledger = join(from.data, 'ledger.db');
    const good = await verifyLedger(ledger, { policy: policy(log, one.vkey, two.vkey) });
    expect([good.ok, good.proven.join()]).toEqual([
      true,
      expect.stringContaining('is signed by witness.example/w1, witness.example/w2'),
    ]);
    const bad = await verifyLedger(ledger, { policy: policy(log, one.vkey, stranger.vkey) });
    expect([bad.ok, bad.findings.map(({ what }) => what).join()]).toEqual([
      false,
      expect.stringContaining('no checkpoint satisfies the policy'),
    ]);
    const otherLog = await verifyLedger(ledger, {
      policy: `witness w ${one.vkey}\nlog ${log.replace('claimstamp/', 'x')}\nquorum w\n`,
    }).catch((error: Error) => error.message);
    expect(otherLog).toContain('line 2');
  });
});

describe('a .tlog-proof file', () => {
  it('of a unit holds offline with key and policy, and not once a byte of it was changed', async () => {
    const one = await witness();
    const from = await desk([one]);
    const id = await grow(from, 'm-1');
    await grow(from, 'm-2');
    const log = await keyOf(from);
    const text = await file(from, `/v1/ledger/tlog-proof/${id}`);
    expect(text).toMatch(/^c2sp\.org\/tlog-proof@v1\nextra \S+\nindex \d+\n/);
    const path = join(tempFolder(), 'unit.tlog-proof');
    const check = (content: string) => {
      writeFileSync(path, content);
      return verifyFile(path, { keys: [log], policy: policy(log, one.vkey) });
    };
    const good = await check(text);
    expect(good).toMatchObject({ ok: true, of: 'proof' });
    expect(good.proven.join('\n')).toMatch(
      /the event in the file is in the ledger of the checkpoint[^]*satisfies the policy/,
    );
    for (let at = 24; at < text.length; at += 7) {
      const other = text[at] === 'A' ? 'B' : text[at] === '\n' ? ' ' : 'A';
      const { ok } = await check(text.slice(0, at) + other + text.slice(at + 1));
      // A change within the unused bits of base64 or of other signers' lines cannot matter, so nothing else may hold.
      expect(ok, `byte ${at}: ${JSON.stringify(text.slice(at - 5, at + 5))}`).toBe(false);
    }
    expect((await from.ask('GET', `/v1/ledger/tlog-proof/${id}?seq=1`)).status).toBe(404);
  });
});

describe('a webhook', () => {
  it('gets the newest checkpoint, is tried again after a failure, and is not followed elsewhere', async () => {
    const got: string[] = [];
    const statuses = [500, 302, 200];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        got.push(`${request.method} ${request.url} ${body}`);
        response.writeHead(statuses.shift() ?? 200, { location: '/elsewhere' }).end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    open.push({ close: async () => void server.close() });
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=x`;
    const senders = openSenders([toWebhook(address)], openLog('silent'), 10);
    open.push(senders);
    senders.offer({ size: 1, note: 'one' });
    for (const note of ['two', 'three']) senders.offer({ size: 2, note });
    await until(() => got.filter((one) => one.endsWith('three')).length === 2);
    expect(got.every((one) => one.startsWith('POST /hook?token=x'))).toBe(true);
    expect(got.some((one) => one.endsWith('two'))).toBe(false);
  });

  it('has the checkpoint if the status says so, even if the answer is long or does not end', async () => {
    const answers: ((response: ServerResponse) => void)[] = [
      (response) => response.writeHead(200).flushHeaders(),
      (response) => response.writeHead(202).end('x'.repeat(1024 * 1024)),
    ];
    const server = createServer((request, response) => {
      request.resume().on('end', () => answers.shift()?.(response));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    open.push({ close: async () => void server.close() });
    const webhook = toWebhook(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, 900);
    const { signal } = new AbortController();
    for (const size of [1, 2]) await expect(webhook.send({ size, note: 'note' }, signal)).resolves.toBeUndefined();
    expect(answers).toEqual([]);
  });
});
