import { describe, expect, it } from 'vitest';
import { holdCodeHash } from '../../src/http/routes/hold-codes.ts';
import { device, openLine, openMapLedger, refusal, type MapLedger } from '../support/map-ledger.ts';

const accept = (date: string, code?: Uint8Array) =>
  ({ kind: 'accept-clock', date, actor: 'admin', ...(code === undefined ? {} : { code }) }) as const;

/** A ledger whose clock went back to 2001 after its first device. */
function backTo2001(): MapLedger {
  const line = openLine();
  line.record(device({ mac: 'first' }));
  line.setClock(Date.UTC(2001, 0, 1, 12));
  return line;
}

describe('accepting the clock', () => {
  it('changes nothing while the clock can be right', () => {
    const line = openMapLedger();
    expect(line.record(accept('2001-01-01'))).toEqual({ date: '2026-11-25' });
    expect(line.lines).toHaveLength(0);
  });

  it('needs the day that the clock shows, so that nobody accepts a day that they did not read', () => {
    const line = backTo2001();
    expect(refusal(() => line.record(accept('2026-11-25')))).toBe('invalid');
  });

  it('lets S/Ns with a date be made again', () => {
    const line = backTo2001();
    const ask = () => line.record(device({ mac: 'a' }));
    expect(refusal(ask)).toBe('clock-wrong');
    line.record(accept('2001-01-01'));
    expect(ask().serial).toBe('010100001');
  });

  it('does not use up a wrong hold code', () => {
    const line = backTo2001();
    const refused = refusal(() => line.record(accept('2001-01-01', holdCodeHash('AAAA-AAAA-AAAA-AAAA'))));
    expect(refused).toBe('hold-code-wrong');
    expect(line.events.at(-1)?.type).not.toBe('clock-accepted');
  });
});
