import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { packageRoot } from '../src/platform/package-root.ts';
import { openRow, type Check } from './check.ts';
import { contentsOf, ledgerIn } from './contents.ts';
import { p99 } from '../harness/agent.ts';
import { ask, start, type Service } from '../harness/service.ts';

/* One hostile device sends every kind of request from one address while well-behaved stations are working. */

const STATIONS = 20;

/** The time in ms between two requests of a station. A real station needs several seconds for each device. */
const EVERY_MS = 500;

/** How many times higher the agents' p99 may be while the hostile device is active. */
const AT_MOST = 3;

/** The check goes on until the hostile device has sent this many requests, but not longer than `MOST_ROUNDS`. */
const AT_LEAST = 100;
const MOST_ROUNDS = 20;

/** The limits of a new installation that other machines can reach (docs/admin.md). */
const REQUESTS_A_MINUTE = 1200;
const PRODUCTS_A_DAY = 5;

/**
 * The longest event line that an agent can cause, in bytes. The line contains a body of 4,096 bytes and the members
 * that the service adds.
 */
const LINE_BYTES = 6 * 1024;

/**
 * The addresses of the loopback network represent machines on the line. Linux answers on all addresses of the loopback
 * network.
 */
const addressOf = (station: number): string => `127.0.1.${station + 1}`;
const HOSTILE = '127.0.2.1';

export const hostileDevice: Check = async ({ short, folder, say }) => {
  const forMs = short ? 4000 : 60_000;
  const row = openRow('one hostile device beside twenty stations');
  const data = join(folder, 'hostile');
  const service = await start(data, { env: { HOST: '0.0.0.0', CLAIMSTAMP_AGENT_ACCESS: 'open' } });
  for (let n = 0; n < STATIONS; n++) {
    const { status } = await service.api('PUT', `/v1/stations/line-${n + 1}`, { sources: [addressOf(n)] });
    if (status !== 200) throw new Error(`a station could not be set up: ${status}`);
  }
  row.tried();
  const given = new Map<string, string>();
  await work(service, given, 'warm', short ? 1000 : 5000);
  say('hostile device: the stations alone');
  const alone = p99(await work(service, given, 'alone', short ? 2000 : 30_000));
  const before = { events: await eventsIn(service), devices: given.size };

  say('hostile device: the stations beside it');
  const args = [String(service.port), HOSTILE, String(AT_LEAST)];
  const attack = fork(join(packageRoot, 'dist', 'torture', 'hostile-device.js'), args, { stdio: 'inherit' });
  const said = { enough: false };
  const told = new Promise<{ sent: number; given: number }>((resolve) =>
    attack.on('message', (message) => {
      if (message === 'sent') said.enough = true;
      else resolve(message as { sent: number; given: number });
    }),
  );
  await once(attack, 'spawn');
  await pause(300);
  const times: number[] = [];
  let rounds = 0;
  // On a busy machine, the processor serves the hostile device last.
  do times.push(...(await work(service, given, `beside-${rounds++}`, forMs)));
  while (!said.enough && rounds < MOST_ROUNDS && attack.exitCode === null);
  const beside = p99(times);
  if (attack.exitCode !== null) throw new Error(`the hostile device ended with ${attack.exitCode}`);
  attack.send('stop');
  const { sent, given: got } = await told;
  await once(attack, 'exit');

  const grown = (await eventsIn(service)) - before.events - (given.size - before.devices);
  const { body } = await service.api<{ products: unknown[] }>('GET', '/v1/products');
  await service.end('SIGTERM');
  const { ucis, macs, findings } = await contentsOf(ledgerIn(data));
  const lines = linesAfter(ledgerIn(data), before.events);

  // The limit is a token bucket that is full at first and takes a minute to refill. One more minute is allowed, because
  // the device may begin before and end after the measurement.
  const most = REQUESTS_A_MINUTE * (2 + Math.ceil((rounds * forMs) / 60_000));
  if (!Number.isFinite(beside)) row.fail('a well-behaved device got no Claim ID');
  for (const [mac, id] of given)
    if (macs.get(mac) !== id) row.fail(`${mac} has ${id}, but the ledger says ${macs.get(mac)}`);
  if (new Set(given.values()).size !== given.size) row.fail('two devices got one Claim ID');
  if ([...ucis.values()].some((units) => units > 1)) row.fail('one Claim ID belongs to two units');
  if (sent < AT_LEAST) row.fail(`the hostile device sent only ${sent} requests`);
  if (grown > most) row.fail(`the ledger grew by ${grown} events from the hostile device, but ${most} are allowed`);
  if (lines.longest > LINE_BYTES) row.fail(`an event has ${lines.longest} bytes, but ${LINE_BYTES} are allowed`);
  // Two of the products come from the configuration file. The hostile device did not invent these two products.
  const invented = body.products.length - 2;
  if (invented > PRODUCTS_A_DAY) row.fail(`the hostile device invented ${invented} products`);
  if (findings.length > 0) row.fail(findings[0] ?? '');
  const note =
    `agents' p99 ${beside.toFixed(1)} ms, alone ${alone.toFixed(1)} ms: ${(beside / alone).toFixed(1)} ×, limit ${AT_MOST} ×; ` +
    `the device sent ${sent} requests, ${got} were answered with 200; ${grown} events (${most} at most), ` +
    `${(lines.bytes / 1024).toFixed(0)} KiB in all events, ${invented} products (${PRODUCTS_A_DAY} at most)`;
  // Only the full run checks times, because the machine may be busy during the tests.
  if (!short && beside / alone > AT_MOST) row.fail(note);
  return [row.row(note)];
};

/**
 * Each station sends requests for one new device after another. Returns the times in ms. If a device got no Claim ID,
 * its time is infinity.
 */
async function work(service: Service, given: Map<string, string>, phase: string, forMs: number): Promise<number[]> {
  const end = performance.now() + forMs;
  const station = async (n: number): Promise<number[]> => {
    const took: number[] = [];
    await pause((n * EVERY_MS) / STATIONS);
    for (let device = 0; performance.now() < end; device++) {
      const mac = `mac-${phase}-${n}-${device}`;
      const begun = performance.now();
      const { status, id } = await ask(service.port, { mac }, '/ioto/serialize', addressOf(n));
      if (status === 200 && id !== undefined) given.set(mac, id);
      took.push(status === 200 ? performance.now() - begun : Infinity);
      await pause(Math.max(0, EVERY_MS - (performance.now() - begun)));
    }
    return took;
  };
  return (await Promise.all(Array.from({ length: STATIONS }, (_one, n) => station(n)))).flat();
}

async function eventsIn(service: Service): Promise<number> {
  const { body } = await service.api<string>('GET', '/v1/ledger/checkpoint');
  return Number(body.split('\n')[1]);
}

function linesAfter(file: string, size: number): { bytes: number; longest: number } {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const lengths = db.prepare<[number], number>(`SELECT length(CAST(line AS BLOB)) FROM event WHERE seq > ?`).pluck();
    const all = lengths.all(size);
    return { bytes: all.reduce((sum, one) => sum + one, 0), longest: Math.max(0, ...all) };
  } finally {
    db.close();
  }
}
