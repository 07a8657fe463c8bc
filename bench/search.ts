import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startServer } from './children.ts';
import { spread, type Figure } from './figure.ts';
import { fill } from './fill.ts';

/*
 * Measures the partial-match search in a ledger with many units. Measures how long building the index file takes, how
 * large this file is, and how long an answer takes over HTTP.
 */

/** The longest time in ms for one answer. */
const BUDGET_MS = 100;

const SEARCHES = 40;

/** The first searches do not count, because they read the file from the disk. */
const WARM = 5;

interface Figures {
  state: string;
  done: number;
  total: number;
}

interface Known {
  uci: string;
  serial: string;
  mac: string;
}

export async function benchSearch(data: string, units: number, say: (text: string) => void): Promise<Figure[]> {
  fill(data, { units, workOrders: 1000, stations: 50, products: 20 }, say);
  const server = await startServer('claimstamp', data);
  try {
    const { token } = JSON.parse(readFileSync(join(data, 'serve.json'), 'utf8')) as { token: string };
    const get = async <T>(path: string): Promise<T> => {
      const answer = await fetch(server.url + path, { headers: { authorization: `Bearer ${token}` } });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as T;
    };
    const filledMs = await untilFilled(() => get<Figures>('/v1/search'), say);
    const bytes = statSync(join(data, 'search.db')).size;
    const known = await someUnits(get, units);
    const of = `${units.toLocaleString('en-US')} units`;
    const figures: Figure[] = [
      { what: `search.db filled, ${of}`, unit: 'ms', value: spread([filledMs]) },
      { what: 'search.db, bytes per unit', unit: 'bytes', value: spread([Math.round(bytes / units)]) },
    ];
    for (const [what, textOf] of TEXTS) {
      say(`search: ${what}`);
      const times: number[] = [];
      for (let n = -WARM; n < SEARCHES; n++) {
        const text = textOf(known[(n + WARM) % known.length] as Known);
        const begun = performance.now();
        await get(`/v1/search/suggestions?${new URLSearchParams({ text }).toString()}`);
        if (n >= 0) times.push(performance.now() - begun);
      }
      const budget = { of: 'value', bound: BUDGET_MS } as const;
      figures.push({ what: `search by ${what}, ${of}`, unit: 'ms', value: spread(times), budget });
    }
    return figures;
  } finally {
    await server.stop();
  }
}

const TEXTS: [string, (unit: Known) => string][] = [
  ['the last 5 digits of an S/N', ({ serial }) => serial.slice(-5)],
  ['the middle of an S/N', ({ serial }) => serial.slice(2, -2)],
  ['3 digits that many S/Ns have', ({ serial }) => serial.slice(-8, -5)],
  ['half a MAC', ({ mac }) => mac.slice(-8)],
  ['the last 4 letters of a Claim ID', ({ uci }) => uci.slice(-4)],
  ['a name of a work order', () => 'WO-77'],
  ['a text that occurs nowhere', () => '90807060504'],
];

async function untilFilled(look: () => Promise<Figures>, say: (text: string) => void): Promise<number> {
  const begun = performance.now();
  for (let n = 0; ; n++) {
    const { state, done, total } = await look();
    if (state === 'ready' && done === total) return performance.now() - begun;
    if (n % 20 === 0) say(`search: ${done} of ${total} events`);
    await pause(250);
  }
}

/** Returns units that are spread over the entire ledger. */
async function someUnits(get: <T>(path: string) => Promise<T>, units: number): Promise<Known[]> {
  const known: Known[] = [];
  for (let n = 0; n < SEARCHES; n++) {
    const after = Math.floor((units / SEARCHES) * n);
    const { units: found } = await get<{ units: { uci: string; serial: string }[] }>(
      `/v1/units?limit=1&after=${after}`,
    );
    const { uci, serial } = found[0] ?? { uci: '', serial: '' };
    const { identity } = await get<{ identity: Record<string, string> }>(`/v1/units/${uci}`);
    known.push({ uci, serial, mac: identity['mac'] ?? '' });
  }
  return known;
}
