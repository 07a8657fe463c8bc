import { Printer } from '../../src/model/printer.ts';
import { recordAged } from './aged-ledger.ts';
import { device, PRODUCT, product, station, workOrder } from './map-ledger.ts';

/** The units of a ledger with each kind of exception. */
export interface Excepted {
  /** The number of events of the ledger. */
  size: number;
  wrongId: string;
  noLabel: string[];
  notScanned: string[];
}

/** Makes a ledger of yesterday and this morning, with each kind of exception, files for firmware and a roll. */
export function makeExceptions(data: string): Excepted {
  const found: Excepted = { size: 0, wrongId: '', noLabel: [], notScanned: [] };
  found.size = recordAged(data, (record) => {
    const mac = (n: number): string => `A4:C1:38:AA:02:${String(n).padStart(2, '0')}`;
    record(1600, { kind: 'set-product', product: product({ name: 'Thermostat 2' }), actor: 'admin' });
    for (const [n, name] of ['fixture-1', 'fixture-2'].entries()) {
      record(1600, { kind: 'set-work-order', workOrder: workOrder({ id: `WO-100${n}`, planned: 50 }), actor: 'admin' });
      const settings = station({ name, workOrders: { [PRODUCT]: `WO-100${n}` } });
      record(1600, { kind: 'set-station', station: settings, actor: 'admin' });
    }
    const printer = Printer.parse({ name: 'zebra-1', kind: 'raw9100', host: '127.0.0.1', port: 9 });
    record(1600, { kind: 'set-printer', printer, actor: 'admin' });
    const made = { product: PRODUCT, strict: false, actor: 'person:ada' } as const;
    record(1500, { kind: 'make', as: 'issued', count: 3, ...made });
    record(1500, { kind: 'make', as: 'reserved', count: 4, reservation: 'roll-7', ...made });
    const issue = (minutesAgo: number, n: number): string =>
      record(minutesAgo, device({ mac: mac(n) }, { station: n % 2 === 0 ? 'fixture-1' : 'fixture-2' })).uci;
    for (let n = 0; n < 3; n++) found.noLabel.push(issue(90 - n, n));
    for (let n = 3; n < 7; n++) {
      const uci = issue(80 - n, n);
      const { job } = record(80 - n, { kind: 'print', uci, printer: 'zebra-1', copies: 1, actor: 'system' });
      for (const to of ['sending', 'done'] as const) record(80 - n, { kind: 'move-print', job, to, actor: 'system' });
      found.notScanned.push(uci);
    }
    found.wrongId = issue(60, 8);
    const { job } = record(60, { kind: 'print', uci: found.wrongId, printer: 'zebra-1', copies: 1, actor: 'system' });
    for (const to of ['sending', 'done'] as const) record(60, { kind: 'move-print', job, to, actor: 'system' });
    record(59, { kind: 'verify', station: 'fixture-1', label: found.wrongId, actor: 'person:lin' });
    const identity: [string, string][] = [['mac', mac(77)]];
    const at = { station: 'fixture-1', source: '10.0.0.77' };
    record(21, { kind: 'note-report', uci: found.wrongId, ...at, products: [PRODUCT], identity });
  });
  return found;
}
