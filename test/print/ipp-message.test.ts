import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { all, decode, encode, GROUP } from '../../src/print/ipp-message.ts';

/** A value as RFC 8010 lays it out: tag, name and value, each with its length. */
function value(tag: number, name: string, bytes: Buffer | string): Buffer {
  const sized = (part: Buffer): Buffer => Buffer.concat([Buffer.of(part.length >> 8, part.length & 255), part]);
  return Buffer.concat([Buffer.of(tag), sized(Buffer.from(name)), sized(Buffer.from(bytes))]);
}

/** The Print-Job request of RFC 8010, appendix A.1, without `ipp-attribute-fidelity` and `sides`, as IPP/2.0. */
it('a Print-Job request is laid out as in RFC 8010', () => {
  const request = encode(0x0002, 1, [
    [
      GROUP.operation,
      [
        ['charset', 'attributes-charset', 'utf-8'],
        ['language', 'attributes-natural-language', 'en-us'],
        ['uri', 'printer-uri', 'ipp://printer.example.com/ipp/print/pinetree'],
        ['name', 'job-name', 'foobar'],
      ],
    ],
    [GROUP.job, [['integer', 'copies', 20]]],
  ]);
  const expected = Buffer.concat([
    Buffer.from('020000020000000101', 'hex'),
    Buffer.from('470012', 'hex'),
    Buffer.from('attributes-charset'),
    Buffer.from('0005', 'hex'),
    Buffer.from('utf-8'),
    Buffer.from('48001b', 'hex'),
    Buffer.from('attributes-natural-language'),
    Buffer.from('0005', 'hex'),
    Buffer.from('en-us'),
    Buffer.from('45000b', 'hex'),
    Buffer.from('printer-uri'),
    Buffer.from('002c', 'hex'),
    Buffer.from('ipp://printer.example.com/ipp/print/pinetree'),
    Buffer.from('420008', 'hex'),
    Buffer.from('job-name'),
    Buffer.from('0006', 'hex'),
    Buffer.from('foobar'),
    Buffer.from('02210006', 'hex'),
    Buffer.from('copies'),
    Buffer.from('00040000001403', 'hex'),
  ]);
  expect(request.toString('latin1')).toBe(expected.toString('latin1'));
});

it('an answer is read: numbers, lists, texts with their language, and what we never ask for left out', () => {
  const answer = Buffer.concat([
    Buffer.from('010100010000000101', 'hex'),
    value(0x41, 'status-message', 'successful-ok'),
    Buffer.of(0x02),
    value(0x21, 'job-id', Buffer.of(0, 0, 0, 147)),
    value(0x23, 'job-state', Buffer.of(0, 0, 0, 3)),
    value(0x44, 'job-state-reasons', 'job-incoming'),
    value(0x44, '', 'job-data-insufficient'),
    value(
      0x35,
      'job-state-message',
      Buffer.concat([Buffer.of(0, 2), Buffer.from('de'), Buffer.of(0, 6), Buffer.from('wartet')]),
    ),
    value(0x31, 'date-time-at-creation', Buffer.alloc(11)),
    Buffer.of(0x05),
    value(0x10, 'copies', ''),
    Buffer.of(0x03),
    Buffer.from('whatever follows'),
  ]);
  const message = decode(answer);
  expect(message.status).toBe(1);
  expect(all(message, GROUP.operation, 'status-message')[0]).toBe('successful-ok');
  expect(all(message, GROUP.job, 'job-id')[0]).toBe(147);
  expect(all(message, GROUP.job, 'job-state')[0]).toBe(3);
  expect(all(message, GROUP.job, 'job-state-reasons')).toEqual(['job-incoming', 'job-data-insufficient']);
  expect(all(message, GROUP.job, 'job-state-message')[0]).toBe('wartet');
  expect(all(message, GROUP.job, 'date-time-at-creation')[0]).toBeUndefined();
  expect([...(message.groups.at(-1)?.attributes.keys() ?? [])]).toEqual(['copies']);
});

it('whatever a printer sends is read or refused with a sentence', () => {
  const sentence = /^(the answer of the printer is cut off|the answer of the printer is not IPP)$/;
  const whole = encode(0, 1, [[GROUP.job, [['keyword', 'job-state-reasons', 'none', 'job-printing']]]]);
  for (let length = 0; length < whole.length; length++)
    expect(() => decode(whole.subarray(0, length))).toThrow(sentence);
  const head = Buffer.from('020000000000000101', 'hex');
  const bytes = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(fc.boolean(), bytes, (valid, noise) => {
      try {
        decode(Buffer.concat([valid ? head : Buffer.alloc(0), noise]));
      } catch (error) {
        expect((error as Error).message).toMatch(sentence);
      }
    }),
    { numRuns: 2_000 },
  );
});
