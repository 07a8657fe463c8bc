import { setTimeout as sleep } from 'node:timers/promises';
import type { Numbered } from './pool-numbers.ts';
import { openZebra, type PrintedLabel } from './zebra/zebra.ts';

/** Simulates a Zebra printer for the shift, and the people who put new rolls into it. */
export interface SimulatedPrinter {
  port: number;
  /** True if the printer answers queries about its state. */
  answers: boolean;
  /** How many labels have come out for this unit. */
  labelsOf: (uci: string) => number;
  /** The numbers in the bar codes of this printer's labels. Undefined if a label has no bar code. */
  numbers: Numbered;
  /** Resolves with true when more than `before` labels of this unit have come out, or with false after `patienceMs`. */
  cameOut: (uci: string, before: number, patienceMs: number) => Promise<boolean>;
  /** True while the printer is out of paper, which the operator can see. */
  isOut: () => boolean;
  /** How many labels have come out. */
  printed: () => number;
  /** How many times the printer has run out of paper. */
  outages: () => number;
  close: () => Promise<void>;
}

/** How long it takes until someone has put in a new roll, in ms. */
const NEW_ROLL_MS = 2000;

/**
 * Opens a printer that runs out of paper whenever its label count reaches one of these numbers. The first time, the
 * labels in its memory are printed as soon as the new roll is in. The second time, someone switches the printer off,
 * so the labels in its memory are lost. If a printer is meant to run out of paper, it must not answer queries.
 * Otherwise, the printer would get no labels while it is out of paper.
 */
export async function openPrinter(
  ends: number[],
  uciOf: (qr: string) => string | undefined,
): Promise<SimulatedPrinter> {
  const labels = new Map<string, number>();
  const numbers: Numbered = [];
  const waiting = new Set<() => void>();
  let [printed, outages, isOut] = [0, 0, false];

  const cameOut = ({ description }: PrintedLabel): void => {
    const uci = uciOf(contentOf(QR_CODE, description) ?? '');
    if (uci !== undefined) {
      labels.set(uci, (labels.get(uci) ?? 0) + 1);
      numbers.push([uci, contentOf(CODE_128, description)]);
    }
    printed++;
    for (const wake of waiting) wake();
    if (ends.includes(printed)) void changeRoll();
  };
  const answers = ends.length === 0;
  const zebra = await openZebra({ answers: answers ? 'zebra' : 'silent', onLabel: cameOut });
  const changeRoll = async (): Promise<void> => {
    isOut = true;
    outages++;
    zebra.happens('paperOut');
    await sleep(NEW_ROLL_MS, undefined, { ref: false });
    if (outages > 1) zebra.happens('reboot');
    isOut = false;
    zebra.help();
  };
  const labelsOf = (uci: string): number => labels.get(uci) ?? 0;
  return {
    port: zebra.port,
    answers,
    labelsOf,
    numbers,
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
    close: zebra.close,
  };
}

/** The codes in the ZPL of a label (ZPL II: `^BQ`, `^BC`, `^FH`, `^FD`). */
const QR_CODE = /\^BQN[^^]*\^FH_\^FD.A,([^^]*)\^FS/;
const CODE_128 = /\^BCN[^^]*\^FH_\^FD([^^]*)\^FS/;

/** Returns the content of a code. Returns undefined if the label has no such code. */
function contentOf(code: RegExp, zpl: string): string | undefined {
  return code
    .exec(zpl)?.[1]
    ?.replace(/_([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
