import { describe, expect, test } from 'vitest';
import { readScan, type Meaning } from '../../../src/model/scan/read.ts';
import { knownCodes } from './known.ts';

/* More of what scanners, input methods and labels do, kind by kind. */

const UNITS = [
  { uci: 'JT08FFQXWQ', serial: 'Dm-26u0000042', mac: 'A4:C1:38:AA:00:01' },
  { uci: 'Y7Q2ZXWAMN', serial: 'Dm-26u0000043', mac: '70:B3:D5:FF:FE:12:34:56' },
];
const QR = 'https://claim.example.com/c/{uci}';
const HASH = 'https://claim.example.com/#/{uci}';
const claim: Meaning = { claimId: 'JT08FFQXWQ' };
const serial: Meaning = { serial: 'Dm-26u0000042' };
const mac: Meaning = { identity: { property: 'mac', value: 'A4:C1:38:AA:00:01' } };
const again: Meaning = { told: 'again' };
const none: Meaning = { told: 'not-ours' };
const read = (sent: string, qr = QR): Meaning[] =>
  readScan(sent, { qrs: [qr], prefix: '', claimIdLengths: [10] }, knownCodes(UNITS));

const GTIN = '0109520000021214';

describe('GS1 and ISO/IEC 15434', () => {
  test.each<[string, string, Meaning]>([
    ['a returnable asset with its serial number', ']C1800309520000021214Dm-26u0000042', serial],
    ['GS as a name', `]d2${GTIN}10LOT7{GS}21Dm-26u0000042`, serial],
    ['GS as a control key', `]d2${GTIN}10LOT7^]21Dm-26u0000042`, serial],
    ['the text under the bars, with blanks', '(01) 09520000021214 (21) Dm-26u0000042', serial],
    ['text elements', '[)>\u001E12\u001DMFR 12345\u001DSER Dm-26u0000042\u001E\u0004', serial],
    ['text elements with Caps Lock', '[)>\u001E12\u001Dmfr 12345\u001Dser dM-26U0000042\u001E\u0004', serial],
    ['text elements of format DD', '[)>\u001EDD\u001DMFR 12345\u001DSER Dm-26u0000042\u001E\u0004', serial],
    ['RS and EOT as names', '[)><RS>06<GS>1PGW-1<GS>SDm-26u0000042<RS><EOT>', serial],
    ['RS and EOT as names in braces', '[)>{RS}06{GS}SDm-26u0000042{RS}{EOT}', serial],
    ['RS and EOT as control keys', '[)>^^06^]SDm-26u0000042^^^D', serial],
    ['RS that is missing', '[)>06\u001D1PGW-1\u001DSDm-26u0000042', serial],
    ['a character set before the code', ']Q2\\000026JT08FFQXWQ', claim],
    ['a character set before an address', ']d4\\000026https://claim.example.com/c/JT08FFQXWQ', claim],
    ['a lot that equals the S/N of another unit', `]d2${GTIN}10Dm-26u0000043\u001D21Dm-26u0000099`, none],
    ['an element string whose S/N is cut', `]d2${GTIN}21Dm-26u00000`, again],
    ['a message whose S/N is cut', '[)>\u001E06\u001D1PGW-1\u001DSDm-26u0', again],
    ['an element string twice', `]d2${GTIN}21Dm-26u0000042]d2${GTIN}21Dm-26u0000042`, again],
    ['the element strings of two units', `${GTIN}21Dm-26u0000042${GTIN}21Dm-26u0000043`, again],
  ])('%s', (_what, sent, meaning) => expect(read(sent)).toEqual([meaning]));
});

describe('layouts', () => {
  test.each<[string, string, string]>([
    ['QWERTZ with Caps Lock', 'a4öc1ö38öaaö00ö01', 'qwertz'],
    ['AZERTY with Caps Lock for letters only', 'q\'mc&m"_mqqmààmà&', 'azerty'],
    ['Swiss French', 'httpsö--claim.example.com-c-JT08FFQXWQ', 'qwertz'],
    ['Czech', 'Dm=ěžuéééééčě', 'qwertz'],
    ['Hungarian', 'JTö8FFQXWQ', 'qwertz'],
    ['Italian', 'A4çC1ç38çAAç00ç01', 'other'],
    ['Spanish with Caps Lock', 'a4ñc1ñ38ñaañ00ñ01', 'other'],
    ['Portuguese', 'httpsÇ--claim.example.com-c-JT08FFQXWQ', 'other'],
    ['Dvorak', 'HY08UU"Q<"', 'other'],
    ['a Dvorak scanner', 'CK08YYXB<X', 'other'],
    ['Slovak', 'Dm=ľžuéééééčľ', 'qwertz'],
    ['Croatian', 'A4ČC1Č38ČAAČ00Č01', 'qwertz'],
    ['British', 'https://claim.example.com/£/JT08FFQXWQ', 'other'],
    ['Swedish', 'Dm+26u0000042', 'other'],
    ['Danish', 'httpsÆ--claim.example.com-c-JT08FFQXWQ', 'other'],
    ['Norwegian', 'A4ØC1Ø38ØAAØ00Ø01', 'other'],
    ['Dutch', 'A4±C1±38±AA±00±01', 'other'],
    ['Canadian French', 'https:ééclaim.example.comécéJT08FFQXWQ', 'other'],
    ['Romanian', 'httpsȘ//claim.example.com/c/JT08FFQXWQ', 'other'],
    ['Turkish', 'Dm*26u0000042', 'other'],
    ['Japanese', 'https+//claim.example.com/c/JT08FFQXWQ', 'other'],
    ['Brazilian', 'httpsÇ;;claim.example.com;c;JT08FFQXWQ', 'other'],
    ['Russian', 'ОЕ08ААЙЧЦЙ', 'other'],
    ['Ukrainian', 'Ф4ЖС1Ж38ЖФФЖ00Ж01', 'other'],
    ['Greek', 'Δμ-26θ0000042', 'other'],
    ['Thai', '๋ธจคโโ๐)"๐', 'other'],
  ])('%s is told', (_what, sent, layout) =>
    expect(read(sent, sent.includes('£') ? HASH : QR)).toEqual([{ told: `layout-${layout}` }]),
  );
});

describe('input methods and clipboards', () => {
  test.each<[string, string, Meaning]>([
    ['a hyphen that does not break', 'Dm\u201126u0000042', serial],
    ['a dash', 'Dm\u201326u0000042', serial],
    ['a minus sign', 'Dm\u221226u0000042', serial],
    ['the hyphen key of a Japanese input method', 'Dm\u30FC26u0000042', serial],
    ['half-width full stops', 'a4c1\uFF6138aa\uFF610001', mac],
    ['dashes in a MAC', 'A4–C1–38–AA–00–01', mac],
    ['0x before a MAC', '0xA4C138AA0001', mac],
  ])('%s', (_what, sent, meaning) => expect(read(sent)).toEqual([meaning]));
});

describe('addresses', () => {
  test.each<[string, string, string, Meaning]>([
    ['an international host', 'https://bücher.example/{uci}', 'https://xn--bcher-kva.example/JT08FFQXWQ', claim],
    ['the same in capitals', 'https://bücher.example/{uci}', 'https://BÜCHER.example/JT08FFQXWQ', claim],
    ['its other spelling', 'https://xn--bcher-kva.example/{uci}', 'https://bücher.example/JT08FFQXWQ', claim],
    ['a Japanese path', 'https://x.example/サーバー/{uci}', 'https://x.example/サーバー/JT08FFQXWQ', claim],
    ['the port of the scheme', QR, 'https://claim.example.com:443/c/JT08FFQXWQ', claim],
    ['another port', QR, 'https://claim.example.com:8443/c/JT08FFQXWQ', none],
    ['a dot after the host', QR, 'https://claim.example.com./c/JT08FFQXWQ', claim],
    ['an IPv6 address', 'https://[2001:db8::1]:8443/{uci}', 'https://[2001:DB8:0:0:0:0:0:1]:8443/JT08FFQXWQ', claim],
    ['a plus for a blank', `${QR}?n=a+b`, 'https://claim.example.com/c/JT08FFQXWQ?n=a%20b', claim],
    ['a blank for a plus', `${QR}?n=a+b`, 'https://claim.example.com/c/JT08FFQXWQ?n=a b', claim],
    ['a plus in the path', 'https://x.example/a+b/{uci}', 'https://x.example/a%20b/JT08FFQXWQ', none],
    ['no path', 'https://x.example?id={uci}', 'https://x.example/?id=JT08FFQXWQ', claim],
    ['a path in another case', 'https://x.example/Claim/{uci}', 'https://x.example/cLAIM/JT08FFQXWQ', none],
    ['Caps Lock', 'https://x.example/Claim/{uci}', 'HTTPS://X.EXAMPLE/cLAIM/jt08ffqxwq', claim],
    ['another host after @', QR, 'https://claim.example.com@example.net/c/JT08FFQXWQ', none],
    [
      'without its first letters, then complete',
      QR,
      'laim.example.com/c/Y7Q2ZXWAMNhttps://claim.example.com/c/JT08FFQXWQ',
      again,
    ],
  ])('%s', (_what, qr, sent, meaning) => expect(read(sent, qr)).toEqual([meaning]));
});

describe('parts and pairs', () => {
  test.each<[string, string, Meaning]>([
    ['a separator between', 'JT08FFQXWQ,JT08FFQXWQ', again],
    ['GS between', 'Dm-26u0000042\u001DDm-26u0000042', again],
    ['an S/N without its first letters, then complete', '26u0000042Dm-26u0000042', again],
    ['a MAC without its last digits, which looks like a Claim ID', 'A4C138AA00', again],
    ['the same with hyphens', 'A4-C1-38-AA-00-', again],
    ['a MAC without its first digit', '4:C1:38:AA:00:01', again],
    ['a MAC without its last digit and separator', 'A4:C1:38:', again],
  ])('%s', (_what, sent, meaning) => expect(read(sent)).toEqual([meaning]));
});

test('a long address is read in a short time, complete, cut or with a letter too many', () => {
  const qr = `${QR}?k=${'a1B2'.repeat(501)}`;
  const sent = qr.replace('{uci}', 'JT08FFQXWQ');
  const readAll = (): void => {
    expect(read(sent, qr)).toEqual([claim]);
    expect(read(sent.slice(0, -1), qr)).toEqual([again]);
    expect(read(`${sent}X`, qr)).toEqual([none]);
  };
  readAll();
  const from = process.cpuUsage();
  readAll();
  // A scan is read on the thread of the ledger. Without a bound, each of the last two took 250 ms and more.
  expect(process.cpuUsage(from).user / 1000).toBeLessThan(250);
});
