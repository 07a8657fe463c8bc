import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { refusal } from '../platform/error.ts';

/*
 * A password is stored as a scrypt hash with its salt and parameters, in the PHC string format:
 * $scrypt$ln=15,r=8,p=3$<salt>$<hash>.
 */

/**
 * The OWASP Password Storage Cheat Sheet lists several scrypt settings of equal strength. The setting here uses 32 MiB
 * of memory.
 */
const LOG_N = 15;
const R = 8;
const P = 3;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/**
 * scrypt needs slightly more than 128 · N · r bytes. No hash that this service computes needs more memory than this.
 */
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;

/** One core takes about 0.3 s for a hash. More than two hashes at the same time would slow down agents. */
const MAX_AT_ONCE = 2;

/**
 * The maximum number of hash computations that may wait. This many hash computations together take about two seconds.
 * Even at the start of a shift, fewer people sign in at the same time.
 */
const MAX_WAITING = 8;

export interface Passwords {
  /** Returns the encoded hash of a new password. */
  hash: (password: string) => Promise<string>;
  /**
   * Checks a password. For a person without a password (`encoded` is undefined), does the same amount of work and
   * returns false.
   */
  isRight: (password: string, encoded: string | undefined) => Promise<boolean>;
}

/** The returned functions throw `busy` if too many computations are waiting. */
export function openPasswords(): Passwords {
  const inTurn = openTurns();
  const nobodys = encode(randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));
  return {
    hash: (password) =>
      inTurn(async () => {
        const salt = randomBytes(SALT_BYTES);
        return encode(salt, await derive(password, salt, { N: 2 ** LOG_N, r: R, p: P }));
      }),
    isRight: (password, encoded = nobodys) =>
      inTurn(async () => {
        const { salt, hash, cost } = decode(encoded);
        return timingSafeEqual(await derive(password, salt, cost), hash);
      }),
  };
}

/** Normalizes the password to Unicode NFKC, because different keyboards may encode the same character differently. */
function derive(password: string, salt: Buffer, cost: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, { ...cost, maxmem: MAX_MEMORY_BYTES }, (error, hash) =>
      error ? reject(error) : resolve(hash),
    );
  });
}

function encode(salt: Buffer, hash: Buffer): string {
  const [saltText, hashText] = [salt, hash].map((bytes) => bytes.toString('base64').replaceAll('=', ''));
  return `$scrypt$ln=${LOG_N},r=${R},p=${P}$${saltText}$${hashText}`;
}

function decode(encoded: string): { salt: Buffer; hash: Buffer; cost: ScryptOptions } {
  const [, ln, r, p, salt = '', hash = ''] =
    /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]{43})$/.exec(encoded) ?? [];
  if (ln === undefined) throw new Error('this version does not know the format of a stored password hash');
  const cost = { N: 2 ** Number(ln), r: Number(r), p: Number(p) };
  return { salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64'), cost };
}

function openTurns(): <T>(act: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (act) => {
    if (running >= MAX_AT_ONCE) {
      if (waiting.length >= MAX_WAITING) throw refusal('busy', 'signIns');
      // When a computation ends, it starts the next one that is waiting.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running++;
    try {
      return await act();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
