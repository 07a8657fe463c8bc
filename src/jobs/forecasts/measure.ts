import { stat, statfs } from 'node:fs/promises';
import type { Config } from '../../config.ts';
import type { BackupFigures } from '../../contract/backup.ts';
import { purposeOf } from '../../model/work-order.ts';
import type { Exchange } from '../orders/exchange-files.ts';
import type { Webhooks } from '../../contract/feed/webhooks.ts';
import type { Ledger } from '../../contract/ledger.ts';
import type { Printing } from '../../contract/printing.ts';
import type { DrillFact, Facts, FactName, StationKeyFact } from '../../decide/forecasts/forecast.ts';
import { addSample, lossOf, type Sample } from '../../decide/forecasts/rate.ts';
import { MAX_PRODUCTS } from '../../decide/new-unit.ts';
import type { Gate } from '../../http/admission.ts';
import type { Limits } from '../../http/limits.ts';
import type { Listeners } from '../../http/listeners.ts';
import { judgeClock } from '../../model/clock.ts';
import { readEvent } from '../../model/event-check.ts';
import { isLive, type Credential } from '../../model/credential.ts';
import { ClaimstampError } from '../../platform/error.ts';
import { measureServer } from '../../postgres/bounds.ts';
import { fileOf } from '../open-ledger.ts';

/*
 * Measures the facts that forecasts are made from. Each fact has its own source. So if a source fails or does not
 * answer, the other facts are still measured. No source reads a table that grows with the number of units.
 */

export interface MeasureParts {
  config: Pick<Config, 'data' | 'ledger' | 'backupFolder' | 'backupEvery' | 'drillDays' | 'site'>;
  ledger: Ledger;
  printing: Printing;
  gate: Gate;
  webhooks: Webhooks;
  exchange: Exchange | undefined;
  limits: Limits;
  scheduled: () => BackupFigures | undefined;
  certificate: Listeners['certificate'];
  now: () => number;
  /** A monotonic clock in ms. */
  clock: () => number;
}

export type Sources = { [name in FactName]: () => Promise<Facts[name]> };

const HOUR_MS = 60 * 60 * 1000;

/** PostgreSQL is asked rarely, because each connection starts a process, and these values change slowly. */
const ASK_POSTGRES_EVERY_MS = 5 * 60 * 1000;

export function openSources(parts: MeasureParts): Sources {
  const { config, ledger, printing, limits, certificate, now, clock } = parts;
  const startedAt = clock();
  return {
    counters: async () => ledger.counters(await rightTime(parts), config.site),
    workOrders: () => ordersInUse(ledger),
    hourlyCap: async () => limits.ofHour(),
    products: async () => ({ count: (await ledger.products()).length, most: MAX_PRODUCTS }),
    disk: openDisk(config.data, clock),
    async certificate() {
      await rightTime(parts);
      const used = certificate();
      return used && { names: used.names, expiresAt: used.chainEnds };
    },
    async tokens() {
      const at = await rightTime(parts);
      return ending(await ledger.credentials('token'), at);
    },
    stationKeys: async () => stationKeys(parts, await rightTime(parts)),
    async kiosks() {
      const at = await rightTime(parts);
      const screens = (await ledger.credentials('session')).filter(({ kiosk }) => kiosk);
      return ending(screens, at).map(({ name, expiresAt }) => ({ station: name, expiresAt }));
    },
    async printerTokens() {
      const at = await rightTime(parts);
      const ends = ending(await ledger.credentials('printer-token'), at);
      return ends.map(({ name, expiresAt }) => ({ printer: name, expiresAt }));
    },
    async backup() {
      await rightTime(parts);
      const figures = parts.scheduled();
      return {
        scheduled: figures !== undefined,
        lastAt: figures?.lastAt,
        everyMs: config.backupEvery * HOUR_MS,
        runningMs: clock() - startedAt,
      };
    },
    async backupRoom() {
      if (config.backupFolder === undefined) return undefined;
      const [{ free }, { size }] = await Promise.all([space(config.backupFolder), stat(fileOf(config))]);
      return { free, ledgerBytes: size };
    },
    printers: async () => {
      const printers = await ledger.printers();
      return Promise.all(printers.map(({ name }) => printerFact(ledger, printing, name)));
    },
    postgres: openPostgres(config.ledger, clock),
    drills: () => lastDrills(parts),
    webhooks: () => webhookFacts(parts),
    erpFiles: async () => parts.exchange?.state(),
  };

  /**
   * Returns the current time. Throws if the clock is wrong, because with a wrong clock everything or nothing would seem
   * to expire.
   */
  async function rightTime({ ledger: judged }: MeasureParts): Promise<number> {
    const at = now();
    const verdict = judgeClock(at, await judged.times());
    if ('wrong' in verdict) throw new ClaimstampError('clock-wrong', 'the clock of the machine is wrong');
    return at;
  }
}

/**
 * Returns the production work orders that are set at stations. Closed orders are not read, because their number grows
 * for years.
 */
async function ordersInUse(ledger: Ledger): Promise<Facts['workOrders']> {
  const stations = await ledger.stations();
  const ids = new Set(stations.flatMap(({ workOrders }) => Object.values(workOrders)));
  const orders = await Promise.all([...ids].map((id) => ledger.workOrder(id)));
  return orders.flatMap((order) =>
    order === undefined || order.closed !== undefined || purposeOf(order) !== 'production'
      ? []
      : [{ id: order.id, units: order.units, planned: order.planned, refuses: order.overIssue === 'refuse' }],
  );
}

async function webhookFacts({ webhooks, now }: MeasureParts): Promise<Facts['webhooks']> {
  return (await webhooks.list()).map(({ name, waiting, failing, paused }) => ({
    name,
    waiting,
    failingMs: failing && now() - failing.since,
    result: failing?.result,
    paused: paused?.why,
  }));
}

async function space(folder: string): Promise<{ free: number; size: number }> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { free: bavail * bsize, size: blocks * bsize };
}

const DAY_MS = 24 * HOUR_MS;

function openDisk(folder: string, clock: () => number): Sources['disk'] {
  let samples: readonly Sample[] = [];
  let before = 0;
  return async () => {
    const { free, size } = await space(folder);
    // If the disk was enlarged, the rate that was measured before no longer applies.
    if (size !== before) samples = [];
    before = size;
    samples = addSample(samples, { at: clock(), value: free });
    const loss = lossOf(samples, free);
    return { free, size, loss: loss && { perDay: loss.perMs * DAY_MS, fullInMs: loss.endsInMs } };
  };
}

/**
 * How many drill events are read. The last drill of each kind is among these events, and older drills no longer
 * matter.
 */
const DRILLS_READ = 100;

async function lastDrills({ config, ledger }: MeasureParts): Promise<Facts['drills']> {
  if (config.drillDays === undefined) return undefined;
  const page = { before: Number.MAX_SAFE_INTEGER, limit: DRILLS_READ, type: 'drill-held' } as const;
  const heldAt: DrillFact['heldAt'] = {};
  for (const line of await ledger.accessEvents(page)) {
    const { type, at, data } = readEvent(line);
    if (type === 'drill-held') heldAt[data.drill] ??= at;
  }
  return { days: config.drillDays, heldAt };
}

function ending(credentials: readonly Credential[], now: number): { name: string; expiresAt: number }[] {
  return credentials.flatMap((one) =>
    one.expiresAt === undefined || !isLive(one, now) ? [] : [{ name: one.name, expiresAt: one.expiresAt }],
  );
}

async function stationKeys({ ledger, gate }: MeasureParts, now: number): Promise<StationKeyFact[]> {
  const keys = (await ledger.credentials('station-key')).filter((key) => isLive(key, now));
  return keys.flatMap((key) => {
    const { name, expiresAt } = key;
    if (expiresAt === undefined) return [];
    const former = keys.some((other) => other.name === name && (other.expiresAt ?? Infinity) > expiresAt);
    return [{ station: name, expiresAt, former, users: gate.usersOf(key) }];
  });
}

async function printerFact(
  ledger: Ledger,
  printing: Printing,
  name: string,
): Promise<NonNullable<Facts['printers']>[number]> {
  const jobs = await ledger.openPrintJobs(name);
  return { name, waiting: jobs.length, oldestAt: jobs[0]?.at, trouble: printing.trouble(name)?.detail };
}

function openPostgres(url: string | undefined, clock: () => number): Sources['postgres'] {
  let last: { at: number; fact: Facts['postgres'] } | undefined;
  return async () => {
    if (url === undefined) return undefined;
    if (last === undefined || clock() - last.at >= ASK_POSTGRES_EVERY_MS)
      last = { at: clock(), fact: await measureServer(url) };
    return last.fact;
  };
}
