import { acceptLedger, type AcceptLedger } from './accept-ledger.ts';
import {
  createToken,
  noteBulkRead,
  revokeToken,
  setStationKey,
  touch,
  type CreateToken,
  type NoteBulkRead,
  type RevokeToken,
  type SetStationKey,
  type StationKeySet,
  type Touch,
} from './access.ts';
import {
  arm,
  moveOn,
  verify,
  type Arm,
  type StationAnswer,
  type StationCommand,
  type Verify,
  type VerifyAnswer,
} from './station-actions.ts';
import { useBadge, type UseBadge } from './badge.ts';
import { keepCheckpoint, type KeepCheckpoint } from './keep-checkpoint.ts';
import { decide as decideIssue, type Issued, type IssueRequest } from './issue.ts';
import {
  setProduct,
  setStation,
  setWorkOrder,
  type SetProduct,
  type SetStation,
  type SetWorkOrder,
} from './catalog.ts';
import { takeIn, type Import, type Imported } from './import-units.ts';
import { endUnits, type EndUnits } from './end-units.ts';
import { make, type Made, type Make } from './make-units.ts';
import {
  closeWorkOrder,
  reopenWorkOrder,
  type Closed,
  type CloseWorkOrder,
  type ReopenWorkOrder,
} from './reconcile.ts';
import {
  movePrint,
  print,
  printRoll,
  setPrinter,
  type MovePrint,
  type Print,
  type PrintRoll,
  type PrintJobAnswer,
  type SetPrinter,
} from './print-jobs.ts';
import {
  changePassword,
  closeKiosk,
  invite,
  removePerson,
  setPerson,
  signIn,
  signOut,
  useLink,
  type CloseKiosk,
  type Invite,
  type RemovePerson,
  type SetPerson,
  type SignedIn,
  type ChangePassword,
  type SignIn,
  type SignOut,
  type UseLink,
} from './people.ts';
import type { Product } from '../model/product.ts';
import { noteOutcome, noteReport, type Alarm, type NoteOutcome, type NoteReport } from './registration.ts';
import type { Decision, Seen } from './seen.ts';
import type { StationDefinition } from '../model/station.ts';
import type { Random } from '../model/claim-id.ts';
import type { Printer } from '../model/printer.ts';
import type { WorkOrderDefinition } from '../model/work-order.ts';

/**
 * A request that may be sent again: it is recorded once, and its answer is kept in the same transaction and given again.
 * Both are SHA-256: of who asks and the key they chose, and of all that they ask for. The same key with another
 * fingerprint is refused as `key-reused`.
 */
export interface Once {
  key: Uint8Array;
  fingerprint: Uint8Array;
}

/** Every change of the ledger is one of these. They cross threads: plain data only. */
export type Command = Change & { once?: Once };

type Change =
  | IssueRequest
  | Make
  | Import
  | Arm
  | StationCommand
  | Verify
  | EndUnits
  | NoteReport
  | NoteOutcome
  | CloseWorkOrder
  | ReopenWorkOrder
  | SetProduct
  | SetStation
  | SetStationKey
  | SetWorkOrder
  | Print
  | PrintRoll
  | MovePrint
  | SetPrinter
  | CreateToken
  | RevokeToken
  | Touch
  | SetPerson
  | RemovePerson
  | Invite
  | UseLink
  | SignIn
  | ChangePassword
  | SignOut
  | CloseKiosk
  | UseBadge
  | NoteBulkRead
  | KeepCheckpoint
  | AcceptLedger;

/** What each command answers. */
export interface Answers {
  issue: Issued;
  make: Made;
  import: Imported;
  arm: StationAnswer;
  cancel: StationAnswer;
  next: StationAnswer;
  'same-device': StationAnswer;
  verify: VerifyAnswer;
  void: { units: string[] };
  scrap: { units: string[] };
  'note-report': { alarm?: Alarm };
  'note-outcome': null;
  'close-work-order': Closed;
  'reopen-work-order': { workOrder: string };
  'set-product': Product;
  'set-station': StationDefinition;
  'set-station-key': StationKeySet;
  'set-work-order': WorkOrderDefinition;
  print: PrintJobAnswer;
  'print-roll': { printer: string };
  'move-print': { job: number };
  'set-printer': Printer;
  'create-token': { name: string };
  'revoke-token': { name: string };
  touch: null;
  'set-person': { name: string };
  'remove-person': { name: string };
  invite: { name: string };
  'use-link': SignedIn;
  'sign-in': SignedIn;
  'change-password': SignedIn;
  'sign-out': null;
  'close-kiosk': { station: string };
  'use-badge': { operator: string };
  'note-bulk-read': null;
  'keep-checkpoint': { size: number };
  'accept-ledger': { size: number };
}

export type Answer<C extends Command> = Answers[C['kind']];

/** Looks, refuses or says what happened: no input or output, and the same answer for the same arguments. */
export function decide(seen: Seen, command: Command, now: number, random: Random): Decision<Answers[Command['kind']]> {
  switch (command.kind) {
    case 'issue':
      return decideIssue(seen, command, now, random);
    case 'make':
      return make(seen, command, now, random);
    case 'import':
      return takeIn(seen, command);
    case 'arm':
      return arm(seen, command);
    case 'cancel':
    case 'next':
    case 'same-device':
      return moveOn(seen, command);
    case 'verify':
      return verify(seen, command, now);
    case 'void':
    case 'scrap':
      return endUnits(seen, command);
    case 'note-report':
      return noteReport(seen, command);
    case 'note-outcome':
      return noteOutcome(seen, command);
    case 'close-work-order':
      return closeWorkOrder(seen, command);
    case 'reopen-work-order':
      return reopenWorkOrder(seen, command);
    case 'set-product':
      return setProduct(seen, command);
    case 'set-station':
      return setStation(seen, command);
    case 'set-station-key':
      return setStationKey(seen, command, now);
    case 'print':
      return print(seen, command);
    case 'print-roll':
      return printRoll(seen, command);
    case 'move-print':
      return movePrint(seen, command);
    case 'set-printer':
      return setPrinter(seen, command);
    case 'set-work-order':
      return setWorkOrder(seen, command);
    case 'create-token':
      return createToken(seen, command, now);
    case 'revoke-token':
      return revokeToken(seen, command, now);
    case 'touch':
      return touch(seen, command, now);
    case 'set-person':
      return setPerson(seen, command, now);
    case 'remove-person':
      return removePerson(seen, command, now);
    case 'invite':
      return invite(seen, command, now);
    case 'use-link':
      return useLink(seen, command, now);
    case 'sign-in':
      return signIn(seen, command, now);
    case 'change-password':
      return changePassword(seen, command, now);
    case 'sign-out':
      return signOut(seen, command);
    case 'close-kiosk':
      return closeKiosk(seen, command);
    case 'use-badge':
      return useBadge(seen, command, now);
    case 'note-bulk-read':
      return noteBulkRead(command);
    case 'keep-checkpoint':
      return keepCheckpoint(seen, command, now);
    case 'accept-ledger':
      return acceptLedger(seen, command);
  }
}
