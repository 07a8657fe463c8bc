import type { GateAnswer } from '../decide/shipping/gate.ts';

/**
 * The latest scans at each gate, for its screen. The scan events themselves are in the ledger. The screen needs only
 * the last few minutes, so this list is kept in memory.
 */
export interface GateScans {
  note: (station: string, answer: GateAnswer) => void;
  /** Returns the last scans, newest first. */
  list: (station: string) => GateScan[];
}

export interface GateScan {
  at: number;
  result: GateAnswer['result'];
  serial?: string;
  reasonCode?: Extract<GateAnswer, { result: 'STOP' }>['reasonCode'];
}

/** The number of scans that fit on a gate's screen. */
const KEPT = 5;

export function openGateScans(now: () => number): GateScans {
  const kept = new Map<string, GateScan[]>();
  return {
    note(station, answer) {
      const scan: GateScan = { at: now(), result: answer.result };
      if ('serial' in answer && answer.serial !== undefined) scan.serial = answer.serial;
      if (answer.result === 'STOP') scan.reasonCode = answer.reasonCode;
      kept.set(station, [scan, ...(kept.get(station) ?? [])].slice(0, KEPT));
    },
    list: (station) => kept.get(station) ?? [],
  };
}
