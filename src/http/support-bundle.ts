import { own } from '../platform/own.ts';
import { homedir } from 'node:os';
import { SECRETS } from '../config.ts';
import { parse } from '../model/claim-id.ts';
import { isObject } from '../model/event.ts';
import { version } from '../platform/package-root.ts';
import { backupState, keyOf, needsAttention, newestCheckpoint, programOf } from './health.ts';
import { metrics } from './routes/health.ts';
import type { Services } from './services.ts';
import { shownSettings } from './shown-settings.ts';
import { openTurns } from '../platform/turns.ts';

/*
 * Makes the support bundle: one JSON file with everything that a support engineer elsewhere needs. The bundle contains
 * no Claim IDs, S/Ns, identities, names of people, or secrets. The service makes the bundle only from counts, states
 * and settings, and masks each text in the bundle.
 */

export async function supportBundle(services: Services, problems: string[]): Promise<string> {
  const [facts, mask] = await Promise.all([collect(services, problems), openMask(services)]);
  return `${JSON.stringify(await masked(facts, mask), null, 2)}\n`;
}

async function collect(services: Services, problems: string[]): Promise<object> {
  const { ledger, guard, forecasts, config, now } = services;
  const { size } = await ledger.head();
  return {
    bundle: 'claimstamp-support-1',
    madeAt: new Date(now()).toISOString(),
    version,
    ...programOf(),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    training: config.training === true,
    attention: problems.length > 0 || needsAttention(services),
    readiness: { problems, held: guard.discontinuity() !== undefined },
    alarms: forecasts.alarms().map(({ code }) => code),
    // A forecast's text and subject are left out: they may name a token, and a token's name may contain a person's
    // name.
    forecasts: forecasts.list().map(({ code, level, remaining, runsOutAt }) => ({ code, level, remaining, runsOutAt })),
    notMeasured: forecasts.failed(),
    settings: shownSettings(config).map(({ name, value, set, source }) =>
      // A contact is a person's address or telephone number.
      name === 'securityContact' ? { name, set, source } : { name, value, set, source },
    ),
    ledger: {
      kind: config.ledger === undefined ? 'sqlite' : 'postgresql',
      size,
      figures: ledger.figures(),
      checkpoint: await newestCheckpoint(services),
      key: keyOf(services).fingerprint,
    },
    disk: forecasts.facts().disk,
    backups: backupState(services) ?? 'off',
    counts: await countsOf(services),
    newestEvents: await newestEvents(services, size),
    printers: await printersOf(services),
    metrics: metrics(services)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#')),
  };
}

async function countsOf({ ledger }: Services): Promise<object> {
  const [products, stations, workOrders, printers, people, tokens] = await Promise.all([
    ledger.products(),
    ledger.stations(),
    ledger.workOrders(),
    ledger.printers(),
    ledger.people(),
    ledger.credentials('token'),
  ]);
  return {
    products: products.length,
    stations: stations.length,
    workOrders: workOrders.length,
    printers: printers.length,
    people: people.length,
    tokens: tokens.length,
  };
}

/** The events that are counted by type. Counting all events of a large ledger would take minutes. */
const COUNTED_EVENTS = 20_000;
/** The number of events that are read at a time. Agents are served between two pages. */
const EVENTS_PAGE = 1000;

/** Counts the newest events by type. A type says nothing about a unit or a person. */
async function newestEvents({ ledger }: Services, size: number): Promise<object> {
  const turns = openTurns();
  const types: Record<string, number> = {};
  let after = Math.max(0, size - COUNTED_EVENTS);
  const counted = size - after;
  while (after < size) {
    const { lines, seq } = await ledger.feed({ after, limit: EVENTS_PAGE });
    for (const line of lines) {
      const type = TYPE.exec(line)?.[1] ?? 'unknown';
      types[type] = (own(types, type) ?? 0) + 1;
    }
    if (seq <= after) break;
    after = seq;
    await turns();
  }
  return { counted, types };
}

/** Matches the event type in a line of the ledger. */
const TYPE = /"type":"([a-z-]+)"/;

/**
 * Leaves out a printer's address, user name and fault details. Each of these values may name a person, and fault
 * details may be text that the printer sent.
 */
async function printersOf({ ledger, printing }: Services): Promise<object[]> {
  return Promise.all(
    (await ledger.printers()).map(async ({ name, kind, dpi }) => ({
      name,
      kind,
      dpi,
      trouble: printing.trouble(name)?.what ?? 'none known',
      waiting: (await ledger.openPrintJobs(name)).length,
    })),
  );
}

/** Returns the text with its secrets, names of people and Claim IDs masked. */
export type Mask = (text: string) => Promise<string>;

/** Matches a user name and password inside a URL. */
const USER_INFO = /\/\/[^/\s@]+@/g;
const E_MAIL = /[^\s@,:/"']+@[^\s@,"']+/g;
/** Matches a Claim ID in each spelling that people use. */
const WORD = /[0-9A-Za-z][0-9A-Za-z-]{8,30}[0-9A-Za-z]/g;

/**
 * Gets the secrets from the settings and the names of people from the ledger. A word is masked as a Claim ID only if
 * the ledger has a unit with that Claim ID, so no ordinary word is lost.
 */
export async function openMask({ ledger, config }: Pick<Services, 'ledger' | 'config'>): Promise<Mask> {
  const people = (await ledger.people()).map(({ name }) => name);
  const secrets = SECRETS.flatMap((name) => {
    const value = config[name];
    return typeof value === 'string' ? [value] : [];
  });
  const keys = config.catalog.stations.flatMap(({ key }) => key ?? []);
  const words = people.map((name) => new RegExp(`(?<![A-Za-z0-9])${escaped(name)}(?![A-Za-z0-9])`, 'gi'));
  const known = new Map<string, boolean>();
  const isUnit = async (word: string): Promise<boolean> => {
    const uci = parse(word);
    if (uci === undefined) return false;
    const is = known.get(uci) ?? (await ledger.unit(uci)) !== undefined;
    known.set(uci, is);
    return is;
  };
  return async (text) => {
    let shown = text;
    for (const secret of [...secrets, ...keys]) shown = shown.replaceAll(secret, '(secret)');
    shown = shown.replace(USER_INFO, '//').replace(E_MAIL, '(address)');
    for (const word of words) shown = shown.replace(word, '(person)');
    const found = (shown.match(WORD) ?? []).flatMap((word) => [word, ...word.split('-')]);
    for (const word of new Set(found)) if (await isUnit(word)) shown = shown.replaceAll(word, '(Claim ID)');
    // The name of the home folder is often a person's name.
    return homedir() === '/' ? shown : shown.replaceAll(homedir(), '~');
  };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Masks each string in a value. Property names are not masked, because they come from the program. */
async function masked(value: unknown, mask: Mask): Promise<unknown> {
  if (typeof value === 'string') return mask(value);
  if (Array.isArray(value)) return Promise.all(value.map((one) => masked(one, mask)));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(async ([name, one]) => [name, await masked(one, mask)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
