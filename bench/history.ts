import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { acceptLedger, startGenerator, startServer, type Generator } from './children.ts';
import { compare, spread, type Figure } from './figure.ts';
import { fill, PRODUCT, STATION, type Size } from './fill.ts';

/*
 * Compares a ledger that has a long history with a ledger that has no history. Both ledgers have the same settings for
 * one station, and the same few units made today. So each screen shows the same content in both ledgers, and each step
 * does the same work.
 */

const NONE: Size = { units: 0, workOrders: 1, stations: 1, products: 1 };

/** How many times longer a step may take with a long history than without one. */
const BOUND = 1.5;

/** How many of today's units need an operator. The screens list them. */
const OPEN_UNITS = 10;

/** The number of times that each step is done in a round. */
const TIMES = 25;

/**
 * How long, in ms, to warm up the connections of a later round. The service itself was warmed up in the first round.
 */
const REWARM_MS = 300;

export interface HistoryEffort {
  rounds: number;
  warmMs: number;
  measureMs: number;
}

export async function benchHistory(
  folder: string,
  units: number,
  effort: HistoryEffort,
  say: (text: string) => void,
): Promise<Figure[]> {
  const long = { units, workOrders: 1000, stations: 200, products: 500 };
  const generator = startGenerator();
  const places: Place[] = [];
  try {
    for (const [name, size] of [
      ['none', NONE],
      ['long', long],
    ] as const) {
      const data = join(folder, name);
      const events = fill(data, size, say);
      places.push(await openPlace(data, events));
    }
    return await compareSteps(places as [Place, Place], stepsOver(generator, effort), long, effort.rounds, say);
  } finally {
    for (const { stop } of places) await stop();
    await generator.stop();
  }
}

interface Place {
  url: string;
  /** The address that the devices of the station call. */
  agentUrl: string;
  /** The unit to search for and print, with its S/N and its MAC. */
  unit: { uci: string; serial: string; mac: string };
  page: (path: string) => Promise<string>;
  api: <T>(method: string, path: string, body?: object) => Promise<T>;
  stop: () => Promise<void>;
}

/** Starts a service, signs a person in, and makes the units of today. */
async function openPlace(data: string, events: number): Promise<Place> {
  const { url, stop } = await startServer('claimstamp', data);
  const { token } = JSON.parse(readFileSync(join(data, 'serve.json'), 'utf8')) as { token: string };
  const api = async <T>(method: string, path: string, body: object = {}): Promise<T> => {
    const init = { method, headers: { authorization: `Bearer ${token}` } };
    const answer = await fetch(url + path, method === 'GET' ? init : { ...init, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  await acceptLedger(url, data, events);
  const { key } = await api<{ key: string }>('POST', `/v1/stations/${STATION}/key`);
  const agentUrl = `${url}/ioto/serialize/${key}`;
  const issued: { id: string; mac: string }[] = [];
  for (let n = 0; n <= OPEN_UNITS; n++) {
    const mac = `06000000000${n.toString(16)}`;
    const answer = await fetch(agentUrl, { method: 'POST', body: JSON.stringify({ product: PRODUCT, mac }) });
    if (!answer.ok) throw new Error(`no Claim ID: ${answer.status} ${await answer.text()}`);
    issued.push({ ...((await answer.json()) as { id: string }), mac });
  }
  const { id: uci, mac } = issued[0] as (typeof issued)[0];
  const { serial } = await api<{ serial: string }>('GET', `/v1/units/${uci}`);
  const cookie = await signIn(api);
  const page = async (path: string): Promise<string> => {
    const answer = await fetch(url + path, { headers: { cookie }, redirect: 'manual' });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.text();
  };
  return { url, agentUrl, unit: { uci, serial, mac }, page, api, stop };
}

/** Opens the link of an invited person, as a browser does. Returns the session cookie. */
async function signIn(api: Place['api']): Promise<string> {
  await api('PUT', '/v1/people/bench', { role: 'qa' });
  const { link } = await api<{ link: string }>('POST', '/v1/people/bench/link');
  const form = await fetch(link);
  const [, csrf = ''] = /name="csrf" value="([^"]*)"/.exec(await form.text()) ?? [];
  const password = `bench ${Math.random().toString(36)} bench`;
  const answer = await fetch(link, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookiesOf(form), origin: new URL(link).origin },
    body: new URLSearchParams({ csrf, password, again: password }),
  });
  const cookie = cookiesOf(answer);
  if (cookie === '') throw new Error(`the link did not sign in: ${answer.status} ${await answer.text()}`);
  return cookie;
}

function cookiesOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

/** Returns the time in ms that the step at this index took. */
type Step = (place: Place) => Promise<number>;

function stepsOver(generator: Generator, { warmMs, measureMs }: HistoryEffort): Record<string, Step> {
  const issues = (connections: number): Step => {
    const warm = new Set<string>();
    return async ({ agentUrl: url }) => {
      const order = { url, connections, reconnect: false, warmMs: warm.has(url) ? REWARM_MS : warmMs, measureMs };
      warm.add(url);
      return (connections * 1000) / (await generator.carryOut(order));
    };
  };
  const times =
    (act: (place: Place) => Promise<void>): Step =>
    async (place) => {
      const taken: number[] = [];
      for (let n = 0; n < TIMES; n++) {
        const begun = performance.now();
        await act(place);
        taken.push(performance.now() - begun);
      }
      return spread(taken).middle;
    };
  return {
    'station screen': times(async ({ page }) => {
      await page(`/stations/${STATION}`);
      needUnits(await page(`/stations/${STATION}/exceptions`), /<li>/g, OPEN_UNITS + 1);
    }),
    'search for a unit by Claim ID, letters, S/N, MAC': times(async ({ page, unit: { uci, serial, mac } }) => {
      for (const find of [uci, uci.slice(0, 7), serial, mac])
        needUnits(await page(`/units?find=${find}`), /href="\/units\/\w{10}"/g, 1);
    }),
    exceptions: times(async ({ page }) => {
      await page('/exceptions');
      // The page leaves out units of the last minutes, but its list for one kind of exception shows them. One unit has
      // a label.
      const unprinted = await page('/units?exception=no-label&newest=true');
      needUnits(unprinted, /<a [^>]*href="\/units\/\w{10}"/g, OPEN_UNITS);
    }),
    'print, until the label is done': times(print),
    // Issuing comes last, because it adds units to the lists.
    'issue to a device with a MAC': times(async ({ agentUrl }) => {
      const mac = randomBytes(6).toString('hex');
      const answer = await fetch(agentUrl, { method: 'POST', body: JSON.stringify({ product: PRODUCT, mac }) });
      if (!answer.ok) throw new Error(`no Claim ID: ${answer.status} ${await answer.text()}`);
      await answer.arrayBuffer();
    }),
    'issue, 1 connection': issues(1),
    'issue, 32 connections': issues(32),
  };
}

/** A screen that lacks today's units would do less work. */
function needUnits(text: string, unit: RegExp, count: number): void {
  const found = text.match(unit)?.length ?? 0;
  if (found !== count) throw new Error(`the screen shows ${found} units, not ${count}`);
}

async function print({ api, unit: { uci } }: Place): Promise<void> {
  const { job } = await api<{ job: number }>('POST', `/v1/units/${uci}/print`, {
    printer: 'folder',
    reason: 'smudged',
  });
  for (;;) {
    const { state, reason } = await api<{ state: string; reason?: string }>('GET', `/v1/print-jobs/${job}`);
    if (state === 'done') return;
    if (state === 'failed') throw new Error(`a label was not printed: ${reason}`);
    await pause(2);
  }
}

async function compareSteps(
  [none, long]: [Place, Place],
  steps: Record<string, Step>,
  { units }: Size,
  rounds: number,
  say: (text: string) => void,
): Promise<Figure[]> {
  await print(none);
  await print(long);
  const figures: Figure[] = [];
  for (const [what, step] of Object.entries(steps)) {
    const times: { none: number[]; long: number[] } = { none: [], long: [] };
    await step(none);
    await step(long);
    for (let round = 0; round < rounds; round++) {
      say(`history: ${what}, ${round + 1} of ${rounds}`);
      times.none.push(await step(none));
      times.long.push(await step(long));
    }
    const against = { what: 'no history', values: times.none };
    figures.push(compare(`${what}, ${units.toLocaleString('en-US')} units`, 'ms', times.long, against, BOUND));
  }
  return figures;
}
