/**
 * The one error of this program. `code` is stable (it becomes the problem type of RFC 9457 and the reason on a
 * station's screen); `message` is a sentence that says what to change. Messages never hold a whole Claim ID or a secret.
 */
export class ClaimstampError extends Error {
  readonly code: ErrorCode;
  /** Whole seconds after which asking again makes sense, where that is known. */
  readonly retryAfterS: number | undefined;

  constructor(code: ErrorCode, message: string, retryAfterS?: number) {
    super(message);
    this.name = 'ClaimstampError';
    this.code = code;
    this.retryAfterS = retryAfterS;
  }
}

export type ErrorCode =
  /* the request itself is wrong */
  | 'invalid'
  | 'too-large'
  | 'wrong-format'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'method-not-allowed'
  | 'misdirected'
  | 'headers-too-large'
  | 'too-slow'
  | 'expectation-failed'
  | 'product-missing'
  | 'product-unknown'
  | 'read-only'
  /* the request is right and the line's rules refuse it */
  | 'identity-conflict'
  | 'serial-taken'
  | 'repeat-refused'
  | 'unit-ended'
  | 'armed-mismatch'
  | 'armed-elsewhere'
  | 'slot-held'
  | 'slot-closed'
  | 'over-issue'
  | 'serials-exhausted'
  | 'work-order-closed'
  | 'work-order-open'
  | 'leftovers'
  | 'station-busy'
  | 'duplicate'
  | 'key-reused'
  | 'in-flight'
  | 'report-alarm'
  /* nothing wrong with the request: the device cloud did not take it */
  | 'no-builder'
  | 'cloud-unreachable'
  /* nothing wrong with the request: the ledger cannot take it now */
  | 'busy'
  | 'rate-limited'
  | 'disk-full'
  | 'ledger-unavailable'
  | 'random-failed'
  | 'stopping';

export function isCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof ClaimstampError && error.code === code;
}
