import type { Socket } from 'node:net';
import type { Stop } from '../model/printing/sending.ts';
import { ZPL_CHARACTERS } from '../model/printing/zpl-characters.ts';
import { pause } from './socket.ts';

/*
 * Talks to a Zebra over the label's connection: host status (~HS), errors (~HQES) and the label count (! U1 getvar),
 * as in the programming guide (P1012728-011). On a Zebra, these queries print nothing. Other printers may print such
 * queries as text, so only printers that are known to answer are queried.
 */

/** The time limit for the answer. After that, the printer is treated as one that cannot answer queries. */
const ANSWER_MS = 500;

/**
 * Another program may have changed the command characters. The printer would then understand neither queries nor
 * labels, so this code sets the characters again. If `!` is currently one of the command characters, ZPL_CHARACTERS has
 * no effect. In that case, ^CT~ works. ~JX ends a format that was left open, and ^SZ2 makes the printer read ZPL II.
 */
export const PREAMBLE = `${ZPL_CHARACTERS}^CT~^CD,~JX^XA^SZ2^XZ\n`;

const QUESTION = '~HS~HQES! U1 getvar "odometer.total_label_count"\r\n';

/** The state that a Zebra reports. */
export interface ZebraReport {
  paperOut: boolean;
  ribbonOut: boolean;
  open: boolean;
  paused: boolean;
  /** Formats that the printer has received but not printed. */
  formats: number;
  /** Labels in the current format that have not been printed yet. */
  left: number;
  /** True if a format has been received only in part. */
  isPartial: boolean;
  /** The error flags from ~HQES, if any. */
  errors?: string;
  /** The total number of labels that the printer has printed, if it counts them. */
  odometer?: number;
}

/** Reads the answers that arrive over a connection. */
export interface Talk {
  /** Returns undefined if the printer does not answer in time. Rejects if the connection breaks. */
  ask: (signal: AbortSignal) => Promise<ZebraReport | undefined>;
}

export function openTalk(socket: Socket): Talk {
  let heard = '';
  const changed = new Set<() => void>();
  const wake = (): void => changed.forEach((one) => one());
  socket.on('data', (bytes: Buffer) => {
    // An answer is a few hundred bytes long, so only the newest bytes are kept.
    heard = (heard + bytes.toString('latin1')).slice(-MAX_HEARD);
    wake();
  });
  socket.on('close', wake);
  return {
    async ask(signal) {
      if (!socket.writable) throw new Error('the printer closed the connection');
      heard = '';
      socket.write(QUESTION);
      const over = new AbortController();
      const end = AbortSignal.any([signal, over.signal]);
      const isComplete = new Promise<void>((resolve) => {
        const look = (): void => {
          if (!(socket.destroyed || ODOMETER.test(heard))) return;
          changed.delete(look);
          resolve();
        };
        changed.add(look);
      });
      await Promise.race([isComplete, pause(ANSWER_MS, end)]);
      over.abort();
      if (socket.destroyed) throw socket.errored ?? new Error('the printer closed the connection');
      return reportIn(heard);
    },
  };
}

const MAX_HEARD = 16_384;
/** The last answer: a number, or `?` from printers that do not count. */
const ODOMETER = /"(\d+|\?)"/;
const HOST_STATUS =
  /\u0002\d{3},([01]),([01]),\d{4},(\d{3}),[01],[01],([01]),\d{3},[01],[01],[01]\u0003\s*\u0002\d{3},[01],([01]),([01]),[01],\w,\d,[01],(\d{8})/;
const ERRORS = /ERRORS:\s+([01])\s+([0-9A-F]{8})\s+([0-9A-F]{8})/;

/** Reads the answers. Returns undefined if there is no host status. */
export function reportIn(heard: string): ZebraReport | undefined {
  const [, paperOut, paused, formats, partial, open, ribbonOut, left] = HOST_STATUS.exec(heard) ?? [];
  if (left === undefined) return undefined;
  const [, isError, high, low] = ERRORS.exec(heard) ?? [];
  const odometer = ODOMETER.exec(heard)?.[1];
  return {
    paperOut: paperOut === '1',
    ribbonOut: ribbonOut === '1',
    open: open === '1',
    paused: paused === '1',
    formats: Number(formats),
    left: Number(left),
    isPartial: partial === '1',
    ...(isError === '1' ? { errors: `${high}${low}` } : {}),
    ...(odometer === undefined || odometer === '?' ? {} : { odometer: Number(odometer) }),
  };
}

/** Returns why the printer does not print, or undefined. */
export function stopOf({ paperOut, ribbonOut, open, paused, errors }: ZebraReport): Stop | undefined {
  if (paperOut) return { what: 'noLabels', said: 'it has no labels' };
  if (ribbonOut) return { what: 'noRibbon', said: 'it has no ribbon' };
  if (open) return { what: 'open', said: 'its head is open' };
  if (paused) return { what: 'paused', said: 'it is paused: press Pause' };
  if (errors !== undefined)
    return { what: 'stopped', said: `it reports an error (~HQES ${errors}): look at its screen` };
  return undefined;
}

/** True if the printer has printed everything it received. */
export function isIdle({ formats, left, isPartial }: ZebraReport): boolean {
  return formats === 0 && left === 0 && !isPartial;
}
