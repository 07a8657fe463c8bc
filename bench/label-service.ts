import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentsBeside, whileAsking, type Asked, type Beside, type BesideEffort } from './beside.ts';
import { startServer } from './children.ts';
import { spread, type Figure } from './figure.ts';

/* Measures labels over HTTP: the time for one label, and the latency of agents while ten thousand labels are drawn. */

const PRODUCT = 'LABELS';
const LABELS = 10_000;
/** The maximum number of units that the service makes in one transaction. */
const SLICE = 1000;
/** The number of labels drawn before the measurement, so that fonts and templates are in memory. */
const WARM = 20;
const MEASURED = 200;

export async function benchLabelService(
  data: string,
  effort: BesideEffort,
  say: (text: string) => void,
): Promise<Figure[]> {
  const server = await startServer('claimstamp', data);
  try {
    const { token } = JSON.parse(readFileSync(join(data, 'serve.json'), 'utf8')) as { token: string };
    const api: Api = { url: server.url, headers: { authorization: `Bearer ${token}` } };
    const { uci, what, asked } = await manyLabels(api);
    say('labels: the first label over HTTP');
    const first = await firstLabel(api, uci);
    const during: Beside['during'] = (act) => whileAsking([asked], act);
    const beside = await agentsBeside(api.url, what, { than: 'idle', bound: 1.5, during }, effort, say);
    return [
      {
        what: 'one label, request to PDF bytes, warm',
        unit: 'ms',
        value: spread(first),
        budget: { of: 'value', bound: 15 },
      },
      beside,
    ];
  } finally {
    await server.stop();
  }
}

/**
 * Makes ten thousand units. In the result, `asked` is the request for the labels of these units, and `uci` is the Claim
 * ID of one unit.
 */
export async function manyLabels(api: Api): Promise<{ uci: string; what: string; asked: Asked }> {
  let uci = '';
  for (let units = 0; units < LABELS; units += SLICE) {
    const made = (await (await post(api, '/v1/units', { product: PRODUCT, count: SLICE })).json()) as Made;
    uci = made.units[0]?.uci as string;
  }
  return {
    uci,
    what: `PDFs of ${LABELS.toLocaleString('en-US')} labels`,
    asked: { ...api, url: `${api.url}/v1/labels`, method: 'POST', body: { product: PRODUCT } },
  };
}

interface Made {
  units: { uci: string }[];
}

interface Api {
  url: string;
  headers: Record<string, string>;
}

async function post({ url, headers }: Api, path: string, body: object): Promise<Response> {
  const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}

/** Returns the time in ms from each request to the last byte of its PDF file. */
async function firstLabel({ url, headers }: Api, uci: string): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < WARM + MEASURED; n++) {
    const begun = performance.now();
    await (await fetch(`${url}/v1/units/${uci}/label.pdf`, { headers })).arrayBuffer();
    times.push(performance.now() - begun);
  }
  return times.slice(WARM);
}
