import { createServer } from 'node:net';
import type { Config } from '../../config.ts';
import type { Answer } from '../../http/client.ts';
import type { DrillKind } from '../../model/event-data.ts';
import { BROKEN_PRINTER } from '../../print/places.ts';
import type { Coach } from './coach.ts';
import type { TrainingLine } from './training-line.ts';

/** What the steps of a drill use: a coach, which leads the person through the drill, and a copy of the ledger. */
export interface Line {
  coach: Coach;
  line: TrainingStation;
}

/** A drill uses a copy of the ledger, while the production line continues. */
export interface Drill {
  kind: DrillKind;
  about: string[];
  /**
   * Carries out the steps that must be done before the copy is made. Returns where the copy comes from. If `before` is
   * absent, the copy is made from a new backup.
   */
  before?: (given: { coach: Coach; config: Config }) => Promise<string>;
  steps: (line: Line) => Promise<void>;
}

/**
 * A copy of the ledger that has a station, a product and two printers for the drill. The other stations in the copy are
 * not changed.
 */
export interface TrainingStation extends TrainingLine {
  product: string;
  /** The key of the station, and the address that the device uses. The address contains this key. */
  key: string;
  address: string;
}

export const STATION = 'training';
export const PRODUCT = 'TRAINING';
export const SPARE_PRINTER = 'training-spare';

export async function openStation(line: TrainingLine): Promise<TrainingStation> {
  const { api, url } = line;
  const settings = { name: 'TRAINING', serialPattern: 'TRAININGU{seq:6}' };
  await api.call('PUT /v1/products/{id}', { params: { id: PRODUCT }, body: settings });
  const broken = { kind: 'raw9100', host: '127.0.0.1', port: await closedPort(), connectMs: 1000 };
  await api.call('PUT /v1/printers/{name}', { params: { name: BROKEN_PRINTER }, body: broken });
  const spare = { kind: 'file', folder: 'print', format: 'pdf' };
  await api.call('PUT /v1/printers/{name}', {
    params: { name: SPARE_PRINTER },
    body: { ...spare, folder: `${line.data}/print` },
  });
  const station = { params: { name: STATION } };
  await api.call('PUT /v1/stations/{name}', { ...station, body: { mode: 'open' } });
  const { key } = await api.call('POST /v1/stations/{name}/key', { ...station, body: {} });
  return { ...line, product: PRODUCT, key, address: `${url}/ioto/serialize/${key}` };
}

/** Returns a port of this machine on which no program listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === 'object' && address !== null ? address.port : 9;
}

type Unit = Answer<'GET /v1/units'>['units'][number];

/** Returns the units that were made in the drill, newest first. */
export async function unitsOf({ api }: Pick<TrainingLine, 'api'>): Promise<Unit[]> {
  const { units } = await api.call('GET /v1/units', { query: { product: PRODUCT, newest: 'true', limit: 100 } });
  return units;
}

/** The settings that commands use to reach the copy. */
export function settingsOf({ url, token }: TrainingLine): string {
  return `CLAIMSTAMP_URL=${url} CLAIMSTAMP_ADMIN_TOKEN=${token}`;
}
