import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { startCups, type Cups } from '../harness/cups.ts';
import { ACCIDENTS, HTTP_REFUSALS, openIppPrinter, REFUSALS, STOPS, type IppTrouble } from '../harness/ipp-printer.ts';
import { openPaper, type Paper } from '../harness/paper.ts';
import { openWire } from '../harness/wire.ts';
import { keysOf } from '../src/platform/own.ts';
import type { Dice } from '../src/simulate/dice.ts';
import { openZebra } from '../src/simulate/zebra/zebra.ts';

/* The printers of the check `printers`. Each printer has its own random faults. */

/** A unit, and the document that a PDF printer receives for it. */
export interface Expected {
  uci: string;
  pdf: string;
}

export interface PrintMachine {
  name: string;
  kind: string;
  settings: object;
  /** Returns how many labels of this unit the printer has printed. */
  drawn: (unit: Expected) => number;
  /** Returns how many labels the printer has printed in total, not counting those of other programs. */
  total: () => number;
  /** How often each kind of fault happened. */
  troubles: Map<string, number>;
  /** Ends all faults. */
  calm: () => Promise<void>;
  close: () => Promise<void>;
}

export function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function pick<T>(of: readonly T[], dice: Dice): T {
  const found = of[Math.floor(dice() * of.length)];
  if (found === undefined) throw new Error('nothing to choose from');
  return found;
}

/** Counts faults, and causes faults only until the end of the run. */
function openTroubles(share: number, dice: Dice) {
  const counts = new Map<string, number>();
  let isOver = false;
  return {
    counts,
    end: (): void => void (isOver = true),
    isOver: (): boolean => isOver,
    /**
     * Returns a fault in a fraction of the calls. The fault is one of the kinds that have happened least often, so that
     * every kind happens.
     */
    roll<T extends string>(of: readonly T[]): T | undefined {
      const isTrouble = dice() < share;
      if (isOver || !isTrouble) return undefined;
      const least = Math.min(...of.map((one) => counts.get(one) ?? 0));
      const rare = of.filter((one) => (counts.get(one) ?? 0) === least);
      const found = pick(rare, dice);
      counts.set(found, (counts.get(found) ?? 0) + 1);
      return found;
    },
  };
}

/** The longest time in ms until someone helps a printer. */
const HELP_MS = 900;
/**
 * The shortest time in ms until someone helps. It is longer than a label takes, because a Zebra's fault begins at the
 * end of the label.
 */
const HELP_AFTER_MS = 100;
const LABEL_MS = 15;
/** The fraction of labels that have a fault. */
const SHARE = 0.06;

const FOREIGN = 'OTHER-PROGRAM';
const LABELS_OF_OTHERS = `^XA^FO10,10^A0N,20^FD${FOREIGN}^FS^PQ3^XZ`;
const WIRE_TROUBLES = ['connection lost', 'slow network', 'refused', 'other program'] as const;
/** The number of bytes in a label of 62 × 40 mm. If a connection breaks, it breaks before this byte. */
const LABEL_BYTES = 6000;

/** A Zebra that answers queries, over a network that sometimes fails. */
export async function zebraMachine(dice: Dice): Promise<PrintMachine> {
  const troubles = openTroubles(SHARE, dice);
  const later = (act: () => void): void => void setTimeout(act, HELP_AFTER_MS + dice() * HELP_MS);
  const zebra = await openZebra({
    labelMs: LABEL_MS,
    trouble: () => {
      const found = troubles.roll(['paperOut', 'jam', 'open', 'pause', 'reboot'] as const);
      if (found !== undefined) later(() => zebra.help());
      return found;
    },
  });
  const wire = await openWire(zebra.port, () => {
    const found = troubles.roll(WIRE_TROUBLES);
    if (found === 'connection lost') return { cutAfter: Math.floor(dice() * LABEL_BYTES) };
    if (found === 'slow network') return { delayMs: 200 };
    if (found === 'refused') setImmediate(() => void wire.off().then(() => later(() => void wire.on())));
    if (found === 'other program')
      connect(zebra.port, '127.0.0.1')
        .on('error', () => {})
        .end(LABELS_OF_OTHERS);
    return {};
  });
  const ours = () => zebra.labels.filter(({ description }) => !description.includes(FOREIGN));
  return {
    name: 'zebra',
    kind: 'a Zebra on an unreliable network',
    settings: { kind: 'raw9100', host: '127.0.0.1', port: wire.port, answers: true, connectMs: 2000 },
    drawn: ({ uci }) => ours().filter(({ description }) => description.includes(uci)).length,
    total: () => ours().length,
    troubles: troubles.counts,
    async calm() {
      troubles.end();
      // Waits until the last network failure ends. It ends automatically.
      await pause(HELP_AFTER_MS + HELP_MS);
      zebra.help();
    },
    async close() {
      await wire.close();
      await zebra.close();
    },
  };
}

function countOf(documents: Buffer[]): (unit: Expected) => number {
  const seen: string[] = [];
  return ({ pdf }) => {
    for (const document of documents.slice(seen.length)) seen.push(digest(document));
    return seen.filter((one) => one === pdf).length;
  };
}

const IPP = { kind: 'ipp', dpi: 300, connectMs: 2000, answerMs: 3000 };
const IPP_TROUBLES: IppTrouble[] = [...keysOf(REFUSALS), ...keysOf(HTTP_REFUSALS), ...keysOf(STOPS), ...ACCIDENTS];

export async function ippMachine(dice: Dice): Promise<PrintMachine> {
  const troubles = openTroubles(2 * SHARE, dice);
  const printer = await openIppPrinter(() => {
    const found = troubles.roll(IPP_TROUBLES);
    if (found !== undefined) setTimeout(() => void printer.help(), dice() * HELP_MS);
    return found;
  });
  return {
    name: 'ipp',
    kind: 'an IPP printer that misbehaves',
    settings: { ...IPP, url: printer.url },
    drawn: countOf(printer.documents),
    total: () => printer.documents.length,
    troubles: troubles.counts,
    async calm() {
      troubles.end();
      await pause(HELP_MS);
      await printer.help();
    },
    close: printer.close,
  };
}

const CUPS_TROUBLES = ['queue paused', 'queue rejecting', 'cupsd restarted', 'slow printer', 'printer off'] as const;
/** The longest time in ms between two faults. */
const CUPS_EVERY_MS = 6000;

/** A real CUPS queue. Its printer is on a TCP port. */
export async function cupsMachine(dice: Dice): Promise<PrintMachine> {
  const paper = await openPaper();
  const cups = await startCups(paper.port);
  const troubles = openTroubles(1, dice);
  const disturb = async (): Promise<void> => {
    while (!troubles.isOver()) {
      await pause(dice() * CUPS_EVERY_MS);
      const found = troubles.roll(CUPS_TROUBLES);
      const ms = dice() * HELP_MS;
      if (found !== undefined) await troubleCups(found, { cups, paper, ms });
    }
  };
  const disturbing = disturb();
  return {
    name: 'cups',
    kind: 'a queue of CUPS',
    settings: { ...IPP, url: cups.url },
    drawn: countOf(paper.documents),
    total: () => paper.documents.length,
    troubles: troubles.counts,
    async calm() {
      troubles.end();
      await disturbing;
    },
    async close() {
      await cups.close();
      await paper.close();
    },
  };
}

interface CupsTrouble {
  cups: Cups;
  paper: Paper;
  ms: number;
}

async function troubleCups(trouble: (typeof CUPS_TROUBLES)[number], { cups, paper, ms }: CupsTrouble): Promise<void> {
  switch (trouble) {
    case 'slow printer':
      return paper.slowDown(ms);
    case 'queue rejecting':
      await cups.reject();
      await pause(ms);
      return cups.accept();
    case 'printer off':
      paper.off();
      await pause(ms);
      return paper.on();
    case 'queue paused':
      await settled({ cups, paper });
      await cups.pause();
      paper.release(true);
      await pause(ms);
      return cups.resume();
    case 'cupsd restarted':
      await settled({ cups, paper });
      await cups.down();
      paper.release(true);
      await pause(ms);
      return cups.up();
  }
}

/** The interval in ms at which the state of the queue is queried. */
const LOOK_MS = 20;

/**
 * Waits until CUPS has noticed the end of each document that the printer has read. If CUPS were interrupted before
 * that, it would reprint the document, which this service cannot prevent. From now on, the printer is held and reads no
 * documents, so an interruption affects only documents that are not printed yet.
 */
async function settled({ cups, paper }: { cups: Cups; paper: Paper }): Promise<void> {
  await paper.hold();
  while (paper.waiting() === 0 && !/is idle/.test(await cups.state())) await pause(LOOK_MS);
}
