import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A label printer on a TCP port (raw9100). It takes ZPL, and its labels come out in order. */
export interface SimulatedPrinter {
  port: number;
  /** The number of labels of this unit that came out. */
  labelsOf: (uci: string) => number;
  /** Resolves when more than `before` labels of this unit came out, or false after `patienceMs`. */
  cameOut: (uci: string, before: number, patienceMs: number) => Promise<boolean>;
  /** True while the printer has no paper. The operator sees this. */
  isOut: () => boolean;
  /** The number of labels that came out. */
  printed: () => number;
  /** The number of times that the printer was out of paper. */
  outages: () => number;
  close: () => Promise<void>;
}

/** The time in ms until someone has put in a new roll. */
const NEW_ROLL_MS = 2000;

/**
 * Opens a printer whose paper ends after each of these numbers of labels. Without paper, the printer takes connections
 * and reads nothing. The first time, the labels in its memory come out after the new roll is in. The second time,
 * someone switches the printer off, so that the labels in its memory are lost.
 */
export async function openPrinter(
  ends: number[],
  uciOf: (qr: string) => string | undefined,
): Promise<SimulatedPrinter> {
  const labels = new Map<string, number>();
  const open = new Set<Socket>();
  const waiting = new Set<() => void>();
  let [printed, outages, isOut] = [0, 0, false];

  const print = (zpl: string): void => {
    const uci = uciOf(qrIn(zpl));
    if (uci !== undefined) labels.set(uci, (labels.get(uci) ?? 0) + 1);
    printed++;
    for (const wake of waiting) wake();
    if (ends.includes(printed)) void changeRoll();
  };
  const changeRoll = async (): Promise<void> => {
    isOut = true;
    outages++;
    for (const socket of open) socket.pause();
    await sleep(NEW_ROLL_MS, undefined, { ref: false });
    if (outages > 1) for (const socket of open) socket.resetAndDestroy();
    isOut = false;
    for (const socket of open) socket.resume();
  };
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    let zpl = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (zpl += chunk));
    socket.on('end', () => {
      if (zpl !== '') print(zpl);
      socket.end();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
    if (isOut) socket.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const labelsOf = (uci: string): number => labels.get(uci) ?? 0;
  return {
    port: portOf(server),
    labelsOf,
    cameOut: (uci, before, patienceMs) =>
      new Promise((resolve) => {
        const look = (): void => (labelsOf(uci) > before ? end(true) : undefined);
        const end = (came: boolean): void => {
          clearTimeout(timer);
          waiting.delete(look);
          resolve(came);
        };
        const timer = setTimeout(() => end(false), patienceMs);
        waiting.add(look);
        look();
      }),
    isOut: () => isOut,
    printed: () => printed,
    outages: () => outages,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
  return address.port;
}

/** Returns the content of the QR code on a label (ZPL II: `^BQ`, `^FH`, `^FD`). */
function qrIn(zpl: string): string {
  const field = /\^BQN[^^]*\^FH_\^FD.A,([^^]*)\^FS/.exec(zpl)?.[1] ?? '';
  return field.replace(/_([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
