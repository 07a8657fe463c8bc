import { parseLine } from '../../model/event.ts';

/** An event of the ledger as a message to a receiver. */
export interface Message {
  /** All attempts to send an event have the same ID, so that the receiver recognises a repeated event. */
  id: string;
  seq: number;
  at: number;
  body: string;
}

/** Receivers compare sequences as texts, so all of them have this length (CloudEvents, extension "sequence"). */
const DIGITS = 15;

/**
 * Makes a message in the structured mode of CloudEvents 1.0. The `data` of the message is the line, byte for byte. `id`
 * also contains the time of the event, because after a restore, another event may have the same number.
 */
export function messageOf(line: string, source: string): Message {
  const { seq, at, type } = parseLine(line);
  const id = `${seq}-${at}`;
  const head = {
    specversion: '1.0',
    id,
    source,
    type: `claimstamp.${type}`,
    time: new Date(at).toISOString(),
    sequence: String(seq).padStart(DIGITS, '0'),
    datacontenttype: 'application/json',
  };
  return { id, seq, at, body: `${JSON.stringify(head).slice(0, -1)},"data":${line}}` };
}
