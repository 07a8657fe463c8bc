import { ClaimstampError, refusal, refusalData, type Refusal } from '../platform/error.ts';
import { isStandby } from './connect.ts';
import { damageOf } from './copy.ts';

/* What failures of a shared ledger mean: its server's, the network's, and those of the copy's disk. */

/** Classes of SQLSTATE after which the same may work: connection, serialization, deadlock, operator's hand, start-up. */
const PASSING = /^(08|40|57P|57014|53|55P03|25006|XX000)/;

const OF_NETWORK = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_)/;

/** SQLite's, of the disk that the copy is on. */
const OF_COPY = /^SQLITE_(FULL|IOERR|CANTOPEN|READONLY|NOTADB|CORRUPT)/;

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? '';
}

export function isPassing(error: unknown): boolean {
  const [code, { message }] = [codeOf(error), error as Error];
  if (damageOf(error)) return false;
  if (isStandby(error) || PASSING.test(code) || OF_NETWORK.test(code) || OF_COPY.test(code)) return true;
  // pg has no code for a connection that ended under it.
  return !(error instanceof ClaimstampError) && /connection|terminated|timeout|commit was not made/i.test(message);
}

const FULL = refusalData(refusal('disk-full', 'copy'));

/** What is said of it to who asked. */
export function refusalOf(error: unknown): Refusal {
  const said = damageOf(error) ?? error;
  if (said instanceof ClaimstampError) return refusalData(said);
  if (codeOf(error) === 'SQLITE_FULL') return FULL;
  return refusalData(refusal('ledger-unavailable', isPassing(error) ? 'shared' : 'sharedNotRecorded'));
}

/** Then what SQLite thinks of the copy is not trusted. */
export function isOfCopy(error: unknown): boolean {
  return OF_COPY.test(codeOf(error));
}
