import { ClaimstampError, errorCode, messageOf, refusal, refusalData, type Refusal } from '../platform/error.ts';
import { isStandby } from './connect.ts';
import { damageOf } from './copy.ts';

/* The parts of a shared ledger that can fail: the PostgreSQL server, the network, and the disk with the copy. */

/**
 * The SQLSTATE codes of temporary errors, such as a lost connection, a deadlock, or a server that is still starting.
 */
const PASSING = /^(08|40|57P|57014|53|55P03|25006|XX000)/;

const OF_NETWORK = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_)/;

/** SQLite reports these errors if the disk with the copy fails. */
const OF_COPY = /^SQLITE_(FULL|IOERR|CANTOPEN|READONLY|NOTADB|CORRUPT)/;

export function isPassing(error: unknown): boolean {
  const code = errorCode(error);
  if (damageOf(error)) return false;
  if (isStandby(error) || PASSING.test(code) || OF_NETWORK.test(code) || OF_COPY.test(code)) return true;
  // If a connection is closed, the errors of the pg library have no code.
  return (
    !(error instanceof ClaimstampError) && /connection|terminated|timeout|commit was not made/i.test(messageOf(error))
  );
}

const FULL = refusalData(refusal('disk-full', 'copy'));

/** Returns the refusal that the caller gets for this error. */
export function refusalOf(error: unknown): Refusal {
  const said = damageOf(error) ?? error;
  if (said instanceof ClaimstampError) return refusalData(said);
  if (errorCode(error) === 'SQLITE_FULL') return FULL;
  return refusalData(refusal('ledger-unavailable', isPassing(error) ? 'shared' : 'sharedNotRecorded'));
}

/** True if SQLite's cache of the copy may be wrong after this error. */
export function isOfCopy(error: unknown): boolean {
  return OF_COPY.test(errorCode(error));
}
