/**
 * The reasons why a unit must not leave the factory, most serious first. These English texts are in the ledger and the
 * API, and screens translate them.
 */
export const STOPS = {
  void: 'void',
  scrapped: 'scrapped',
  'no-device': 'no device has this Claim ID yet',
  alarm: 'alarm: the device contradicts the ledger',
  'return-open': 'a return (RMA) is open',
  'test-failed': 'test not passed',
  'not-tested': 'not tested',
  'not-verified': 'label not verified',
  'not-registered': 'not registered',
  engineering: 'engineering unit, not for sale',
  'sample-not-released': 'sample, not released',
  reference: 'reference device of the line',
  'wrong-order': 'other work order',
  'wrong-product': 'other product',
  'no-list': 'the station has no shipping list',
  'list-closed': 'the shipping list is closed',
  'list-full': 'the shipping list is full',
} as const;
export type StopCode = keyof typeof STOPS;

/** `detail` names what is wrong, for example which test procedures failed. */
export interface Stop {
  code: StopCode;
  detail?: string;
}

/** The reasons why a scan at a gate does not identify a unit. Nothing is recorded for such a scan. */
export const UNREAD = {
  'not-ours': 'not one of ours',
  'scan-again': 'only a part of a code, or two codes mixed: scan again',
  layout: 'the scanner and the computer have different keyboard layouts: set the scanner to the layout of the computer',
  ambiguous: 'several units have this code: scan the Claim ID',
  'too-long': 'longer than any code of a unit: scan the label',
  'two-labels': 'labels of two units: scan one label',
  'device-code': "that is the device's own code: scan its label",
} as const;
export type UnreadCode = keyof typeof UNREAD;
