import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readScan, type Meaning } from '../../../src/model/scan/read.ts';
import { knownCodes } from './known.ts';

interface Case {
  sent: string;
  context: { note: string; qr?: string; prefix?: string; alsoHeld?: string[]; claimIdLengths?: number[] };
  means: Meaning | Meaning[];
}

const cases: Case[] = JSON.parse(readFileSync(new URL('../../fixtures/scans.json', import.meta.url), 'utf8'));
const UNITS = [
  { uci: 'JT08FFQXWQ', serial: 'Dm-26u0000042', mac: 'A4:C1:38:AA:00:01' },
  { uci: '1Z0YK7M2PA', serial: 'Dm-26u0000043', mac: 'A4:C1:38:AA:00:02' },
];

test.each(cases.map((one) => [JSON.stringify(one.sent).slice(0, 80), one.context.note, one] as const))(
  '%s is read: %s',
  (_sent, _note, { sent, context, means }) => {
    const { qr = 'https://claim.example.com/c/{uci}', prefix = '', alsoHeld = [], claimIdLengths = [10] } = context;
    const read = readScan(sent, { qrs: [qr], prefix, claimIdLengths }, knownCodes(UNITS, alsoHeld));
    expect(read).toEqual(Array.isArray(means) ? means : [means]);
  },
);

/* What users of other programs reported about their scanners. */
test.each<[string, string, object, Meaning]>([
  ['an asterisk on each side', '*JT08FFQXWQ*', {}, { claimId: 'JT08FFQXWQ' }],
  ['a prefix of letters with Caps Lock on', 'sN:dM-26U0000042', { prefix: 'Sn:' }, { serial: 'Dm-26u0000042' }],
  ['a prefix before the STX of a frame', '~\u0002JT08FFQXWQ\u0003', { prefix: '~' }, { claimId: 'JT08FFQXWQ' }],
  ['a computer with a Spanish or Italian layout', "Dm'26u0000042", {}, { told: 'layout-other' }],
  ['FNC1 that is lost before the last field', '010952000002121410LOT721Dm-26u0000042', {}, { told: 'not-ours' }],
  ['FNC1 at the beginning as ]C1', ']C110LOT7\u001D21Dm-26u0000042\u001D', {}, { serial: 'Dm-26u0000042' }],
  ['AZERTY digits', 'JTà_FFAXZA', {}, { told: 'layout-azerty' }],
])('%s', (_what, sent, more, meaning) => {
  const rules = { qrs: [], prefix: '', claimIdLengths: [10], ...more };
  expect(readScan(sent, rules, knownCodes(UNITS))).toEqual([meaning]);
});

test('a label of a wrong keyboard layout is told as that, also before the code of the device', () => {
  const rules = { qrs: [], prefix: '', claimIdLengths: [10] };
  expect(readScan('1Y0ZK7M2PA\rA4C138AA0002', rules, knownCodes(UNITS))).toEqual([
    { told: 'layout-qwertz' },
    { identity: { property: 'mac', value: 'A4:C1:38:AA:00:02' } },
  ]);
});
