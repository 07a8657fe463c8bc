import {
  arm,
  moveOn,
  verify,
  type Arm,
  type StationAnswer,
  type StationCommand,
  type Verify,
  type VerifyAnswer,
} from './floor.ts';
import { decide as decideIssue, type Issued, type IssueRequest } from './issue.ts';
import {
  setProduct,
  setStation,
  setStationKey,
  setWorkOrder,
  type SetProduct,
  type SetStation,
  type SetStationKey,
  type SetWorkOrder,
} from './catalog.ts';
import { takeIn, type Import } from './intake.ts';
import { endUnit, make, type EndUnit, type Made, type Make } from './office.ts';
import {
  movePrint,
  print,
  setPrinter,
  type MovePrint,
  type Print,
  type PrintJobAnswer,
  type SetPrinter,
} from './printing.ts';
import type { Product } from './product.ts';
import type { Decision, Seen } from './seen.ts';
import type { StationDefinition } from './station.ts';
import type { Random } from './uci.ts';
import type { WorkOrderDefinition } from './work-order.ts';

/** Every change of the ledger is one of these. They cross threads: plain data only. */
export type Command =
  | IssueRequest
  | Make
  | Import
  | Arm
  | StationCommand
  | Verify
  | EndUnit
  | SetProduct
  | SetStation
  | SetStationKey
  | SetWorkOrder
  | Print
  | MovePrint
  | SetPrinter;

/** What each command answers. */
export interface Answers {
  issue: Issued;
  make: Made;
  import: Made;
  arm: StationAnswer;
  cancel: StationAnswer;
  next: StationAnswer;
  'same-device': StationAnswer;
  verify: VerifyAnswer;
  void: { uci: string };
  scrap: { uci: string };
  'set-product': Product;
  'set-station': StationDefinition;
  'set-station-key': { station: string };
  'set-work-order': WorkOrderDefinition;
  print: PrintJobAnswer;
  'move-print': { job: number };
  'set-printer': { name: string };
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
      return verify(seen, command);
    case 'void':
    case 'scrap':
      return endUnit(seen, command);
    case 'set-product':
      return setProduct(seen, command);
    case 'set-station':
      return setStation(seen, command);
    case 'set-station-key':
      return setStationKey(seen, command);
    case 'print':
      return print(seen, command);
    case 'move-print':
      return movePrint(seen, command);
    case 'set-printer':
      return setPrinter(seen, command);
    case 'set-work-order':
      return setWorkOrder(seen, command);
  }
}
