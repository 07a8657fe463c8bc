import { formatOf, type IppPrinter, type KeptPrinter, type Raw9100Printer } from '../model/printer.ts';
import type { Login, Places, Said } from '../model/printing/sending.ts';
import { askPrinter, lacksPdf, stopOf as stopOfIpp, targetOf } from './ipp-printer.ts';
import { NO_PDF } from './ipp-status.ts';
import type { PrinterPlaces } from './places.ts';
import type { LoginOf } from './passwords.ts';
import { connect, sentenceOf } from './socket.ts';
import { isIdle, openTalk, PREAMBLE, stopOf } from './zebra.ts';

/**
 * Queries a printer about its state. A printer that understands the query prints nothing; other printers may print it
 * as text.
 */
export type Ask = (printer: KeptPrinter, signal: AbortSignal) => Promise<Said>;

export const asker =
  (places: Pick<PrinterPlaces, 'of' | 'actual'>, loginOf: LoginOf = () => undefined): Ask =>
  async (named, signal) => {
    const printer = places.actual(named);
    try {
      if (printer.kind === 'raw9100' && formatOf(printer) === 'zpl')
        return await askRaw(printer, places.of(printer), signal);
      if (printer.kind === 'ipp') return await askIpp(printer, places.of(printer), signal, loginOf(printer));
      return SILENT;
    } catch (error) {
      const said = sentenceOf(error);
      return { answers: false, stop: { what: 'notReached', said }, says: [said] };
    }
  };

const SILENT: Said = { answers: false, says: [] };

async function askRaw(printer: Raw9100Printer, places: Places, signal: AbortSignal): Promise<Said> {
  const { host, port, connectMs } = printer;
  const socket = await connect({ host, port, places }, connectMs, signal);
  try {
    const talk = openTalk(socket);
    socket.write(PREAMBLE);
    const report = await talk.ask(signal);
    if (report === undefined) return SILENT;
    const stop = stopOf(report);
    const works = isIdle(report) ? 'it waits for labels' : `it is printing: ${report.left} labels left`;
    const counted = report.odometer === undefined ? [] : [`it has printed ${report.odometer} labels so far`];
    return { answers: true, ...(stop && { stop }), says: [stop?.said ?? works, ...counted] };
  } finally {
    socket.destroy();
  }
}

async function askIpp(printer: IppPrinter, places: Places, signal: AbortSignal, login?: Login): Promise<Said> {
  const asked = await askPrinter(printer, targetOf(printer, places, login), signal);
  if ('waits' in asked) {
    const { what, reason } = asked.waits;
    return { answers: true, stop: { what, said: reason }, says: [reason] };
  }
  if (!('report' in asked)) return SILENT;
  const { report } = asked;
  if (lacksPdf(report))
    return { answers: true, lacksPdf: true, stop: { what: 'refuses', said: NO_PDF }, says: [NO_PDF] };
  const stop = stopOfIpp(report);
  const media = report.media.map((size) => `it has labels of ${size} mm`);
  return { answers: true, ...(stop && { stop }), says: [stop?.said ?? `it is ${report.state ?? 'ready'}`, ...media] };
}
