import { describe, expect, it } from 'vitest';
import { isCode } from '../../src/platform/error.ts';
import { openPasswords } from '../../src/http/password.ts';
import { openThrottle } from '../../src/http/throttle.ts';

const PASSWORD = 'four words are enough';

describe('a password', () => {
  const passwords = openPasswords();

  it('is right, or not, and its hash says with which parameters and salt it was made', async () => {
    const [one, two] = await Promise.all([passwords.hash(PASSWORD), passwords.hash(PASSWORD)]);
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(two);
    expect(await passwords.isRight(PASSWORD, one)).toBe(true);
    expect(await passwords.isRight(`${PASSWORD} `, one)).toBe(false);
  });

  it('is the same however a keyboard composes its letters', async () => {
    const encoded = await passwords.hash('Schl\u00fcssel-Schl\u00fcssel');
    expect(await passwords.isRight('Schlu\u0308ssel-Schlu\u0308ssel', encoded)).toBe(true);
  });

  it('of nobody is never right, and takes the work of one that is there', async () => {
    const encoded = await passwords.hash(PASSWORD);
    const took = async (of: string | undefined): Promise<number> => {
      const start = process.cpuUsage();
      expect(await passwords.isRight('not the password', of)).toBe(false);
      const { user, system } = process.cpuUsage(start);
      return user + system;
    };
    await took(encoded);
    const [there, nobody] = [await took(encoded), await took(undefined)];
    // The work is the same; other threads of this process add to either.
    expect(nobody / there).toBeGreaterThan(0.4);
    expect(nobody / there).toBeLessThan(2.5);
  });

  it('is hashed two at a time, and what does not fit into the queue behind is refused', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => passwords.isRight(PASSWORD, undefined)));
    const refused = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(refused.length).toBe(2);
    expect(refused.every(({ reason }) => isCode(reason, 'busy'))).toBe(true);
    expect(await passwords.isRight(PASSWORD, undefined)).toBe(false);
  });

  it('stored in a form that is not ours is an error inside, not a password that fits', async () => {
    await expect(passwords.isRight(PASSWORD, 'plain')).rejects.toThrow(/this version does not know the format/);
  });
});

describe('guessing', () => {
  const HOME = '10.0.0.1';
  function door() {
    let now = 0;
    const throttle = openThrottle(() => now);
    const attempt = (name: string, source: string) => throttle.admit(name, source);
    /** A failed attempt: how long it had to wait, in ms, or 0 when it was let through. */
    const fail = (name: string, source = '192.0.2.1'): number => {
      const answer = attempt(name, source);
      return 'waitMs' in answer ? answer.waitMs : 0;
    };
    const pass = (name: string, source = HOME): boolean => {
      const answer = attempt(name, source);
      if (!('passed' in answer)) return false;
      answer.passed();
      return true;
    };
    return { fail, pass, attempt, later: (ms: number) => void (now += ms) };
  }

  it('takes longer and longer for a name, up to a minute, for a network and all its addresses', () => {
    const { fail, later } = door();
    let address = 0;
    const next = (): number => fail('lin', `2001:db8::${++address}`);
    for (let i = 0; i < 5; i++) expect(next()).toBe(0);
    for (const wait of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
      expect(next()).toBe(wait);
      later(wait - 1);
      expect(next()).toBe(1);
      later(1);
      expect(next()).toBe(0);
    }
    expect(fail('mo', '2001:db8::1')).toBe(0);
  });

  it('in one network keeps nobody out at another, also where they have never signed in', () => {
    const { fail, pass } = door();
    for (let i = 0; i < 30; i++) fail('lin');
    expect(fail('lin')).toBeGreaterThan(0);
    expect(pass('lin', '10.0.0.2')).toBe(true);
    expect(fail('lin'), 'a sign-in elsewhere does not help who guesses').toBeGreaterThan(0);
  });

  it('takes longer and longer for an address, whichever names it tries', () => {
    const { fail } = door();
    for (let i = 0; i < 20; i++) expect(fail(`name-${i}`)).toBe(0);
    expect(fail('another')).toBe(1000);
    expect(fail('another', '192.0.2.2')).toBe(0);
  });

  it('many at once count as many', () => {
    const { attempt } = door();
    const admitted = Array.from({ length: 50 }, () => attempt('lin', '192.0.2.1')).filter((a) => 'passed' in a);
    expect(admitted.length).toBe(5);
  });

  it('does not keep the owner out for ever at the same address', () => {
    const { fail, pass, later } = door();
    for (let i = 0; i < 5; i++) fail('lin', HOME);
    expect(pass('lin', HOME)).toBe(false);
    later(60_000);
    expect(pass('lin', HOME)).toBe(true);
  });

  it('is forgiven by the right password, and by a quarter of an hour', () => {
    const { fail, pass, later } = door();
    for (let i = 0; i < 4; i++) fail('lin');
    expect(pass('lin', '192.0.2.1')).toBe(true);
    for (let i = 0; i < 5; i++) expect(fail('lin')).toBe(0);
    later(15 * 60_000);
    for (let i = 0; i < 5; i++) expect(fail('lin')).toBe(0);
  });

  it('an attempt that was not looked at does not count', () => {
    const { attempt, fail } = door();
    for (let i = 0; i < 30; i++) {
      const answer = attempt('lin', '192.0.2.1');
      if ('cancelled' in answer) answer.cancelled();
    }
    expect(fail('lin')).toBe(0);
  });
});
