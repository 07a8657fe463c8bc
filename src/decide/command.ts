import { acceptLedger } from './accept-ledger.ts';
import { acceptClock } from './clock/accept-clock.ts';
import { createToken, noteBulkRead, revokeToken, setPrinterToken, setStationKey, touch } from './access.ts';
import { useBadge } from './badge.ts';
import { commitAccess } from './commit-access.ts';
import { coverAccess, restoreAccess } from './restore-access.ts';
import { removeProduct, setProduct, setStation, setWorkOrder } from './catalog.ts';
import { applyCatalog } from './exchange/apply-catalog.ts';
import { endUnits } from './end-units.ts';
import { makeHoldCode, withdrawHoldCode } from './hold-code.ts';
import { closeException } from './exceptions/close-exception.ts';
import { besideImport } from './imports/claims.ts';
import { beginImport, claimUnits, dropClaims, recordUnits } from './imports/import-parts.ts';
import { importUnits } from './imports/import-units.ts';
import { decide as issue } from './issue.ts';
import { keepCheckpoint, rotateSigningKey } from './keep-checkpoint.ts';
import { make } from './make-units.ts';
import { changePassword, closeKiosk, invite, removePerson, setPerson, useLink } from './people.ts';
import { movePrint, print, printElsewhere, printRoll, setPrinter } from './print-jobs.ts';
import { beginClosing, closeWorkOrder, releaseWorkOrder, reopenWorkOrder } from './orders/close-order.ts';
import { changeOver } from './orders/change-over.ts';
import { approveTemplate, askApproval, revokeApproval } from './labels/approve-template.ts';
import { removeLogo, saveLogo } from './labels/logos.ts';
import { removeTemplate } from './labels/remove-template.ts';
import { saveTemplate } from './labels/save-template.ts';
import { noteDrill } from './drills/note-drill.ts';
import { planOrder } from './orders/plan-order.ts';
import { noteWebhook } from './webhooks/note-webhook.ts';
import { noteOutcome, noteReport } from './registration.ts';
import { closeReturn, returnUnit } from './returns/return-unit.ts';
import type { Decision, Seen } from './seen.ts';
import { confirmSignOn, endSignOn, refuseSignOn, signOn } from './sign-on/sign-on.ts';
import { confirmSession, endSession, noteFailedSignIns, signIn, signOut } from './sessions.ts';
import { snoozeForecast } from './forecasts/snooze.ts';
import { closeShippingList, setShippingList, unship } from './shipping/lists.ts';
import { noteResult } from './shipping/note-result.ts';
import { skipSerials } from './new-unit.ts';
import { introduceLimits } from './sources.ts';
import { arm, moveOn } from './station-actions.ts';
import { releaseSample, setReference } from './units/purpose.ts';
import { verify } from './scans/verify.ts';
import { removePrinter, removeStation, removeWorkOrder } from './removal/remove.ts';
import type { Random } from '../model/claim-id.ts';

/** For each kind of command, the rule that decides it. */
const RULES = {
  issue,
  make,
  import: importUnits,
  'claim-units': claimUnits,
  'begin-import': beginImport,
  'record-units': recordUnits,
  'drop-claims': dropClaims,
  arm,
  cancel: moveOn,
  next: moveOn,
  'same-device': moveOn,
  verify,
  void: endUnits,
  scrap: endUnits,
  'return-unit': returnUnit,
  'close-return': closeReturn,
  'close-exception': closeException,
  'release-sample': releaseSample,
  'set-reference': setReference,
  'note-report': noteReport,
  'note-outcome': noteOutcome,
  'begin-closing': beginClosing,
  'close-work-order': closeWorkOrder,
  'release-work-order': releaseWorkOrder,
  'reopen-work-order': reopenWorkOrder,
  'apply-catalog': applyCatalog,
  'set-product': setProduct,
  'set-station': setStation,
  'change-over': changeOver,
  'set-station-key': setStationKey,
  'set-printer-token': setPrinterToken,
  'set-work-order': setWorkOrder,
  print,
  'print-roll': printRoll,
  'move-print': movePrint,
  'print-elsewhere': printElsewhere,
  'set-printer': setPrinter,
  'create-token': createToken,
  'revoke-token': revokeToken,
  touch,
  'set-person': setPerson,
  'remove-person': removePerson,
  invite,
  'use-link': useLink,
  'sign-in': signIn,
  'sign-on': signOn,
  'confirm-sign-on': confirmSignOn,
  'end-sign-on': endSignOn,
  'refuse-sign-on': refuseSignOn,
  'change-password': changePassword,
  'sign-out': signOut,
  'end-session': endSession,
  'confirm-session': confirmSession,
  'note-failed-sign-ins': noteFailedSignIns,
  'close-kiosk': closeKiosk,
  'use-badge': useBadge,
  'note-bulk-read': noteBulkRead,
  'keep-checkpoint': keepCheckpoint,
  'accept-ledger': acceptLedger,
  'accept-clock': acceptClock,
  'rotate-signing-key': rotateSigningKey,
  'make-hold-code': makeHoldCode,
  'withdraw-hold-code': withdrawHoldCode,
  'cover-access': coverAccess,
  'restore-access': restoreAccess,
  'introduce-limits': introduceLimits,
  'skip-serials': skipSerials,
  'remove-product': removeProduct,
  'remove-station': removeStation,
  'remove-printer': removePrinter,
  'remove-work-order': removeWorkOrder,
  'snooze-forecast': snoozeForecast,
  'save-template': saveTemplate,
  'approve-template': approveTemplate,
  'ask-approval': askApproval,
  'revoke-approval': revokeApproval,
  'remove-template': removeTemplate,
  'save-logo': saveLogo,
  'remove-logo': removeLogo,
  'set-shipping-list': setShippingList,
  'close-shipping-list': closeShippingList,
  unship,
  'note-result': noteResult,
  'note-drill': noteDrill,
  'note-webhook': noteWebhook,
  'plan-order': planOrder,
};

type Kind = keyof typeof RULES;

/** The commands of an import that is recorded in parts. The import's own claims do not block these commands. */
const OF_IMPORT: Kind[] = ['claim-units', 'begin-import', 'record-units', 'drop-claims'];

/**
 * Set for a request that the caller may repeat. However often the caller sends the request, the ledger records it once.
 * The answer to the request is stored in the same transaction. A repeated request gets the stored answer. `key` is the
 * SHA-256 of the caller's name and the key that the caller chose. `fingerprint` is the SHA-256 of the request. If a
 * known key comes with a different fingerprint, the request is refused as `key-reused`.
 */
export interface Once {
  key: Uint8Array;
  fingerprint: Uint8Array;
}

/** A command changes the ledger. A command is plain data, because threads send commands to each other. */
export type Command = Parameters<(typeof RULES)[Kind]>[1] & { once?: Once };

/** The type of the answer to each command. */
type Answers = { [K in Kind]: ReturnType<(typeof RULES)[K]>['answer'] };
export type Answer<C extends Command> = Answers[C['kind']];

type Rule<K extends Kind> = (
  seen: Seen,
  command: Command & { kind: K },
  now: number,
  random: Random,
) => Decision<Answers[K]>;

/**
 * A rule reads the ledger, and then either returns events or refuses the command. Each rule is a pure function: it does
 * no I/O.
 */
export function decide<K extends Kind>(
  seen: Seen,
  command: Command & { kind: K },
  now: number,
  random: Random,
): Decision<Answers[K]> {
  const rules: { [Each in Kind]: Rule<Each> } = RULES;
  const kind: K = command.kind;
  const view = OF_IMPORT.includes(kind) ? seen : besideImport(seen);
  return commitAccess(seen, rules[kind](view, command, now, random), random);
}
