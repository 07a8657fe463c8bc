import type { Config } from '../config.ts';
import type { Checkpoints, Signer } from '../proof/checkpoint.ts';
import type { Backups, BackupFigures } from '../contract/backup.ts';
import type { Checking } from '../contract/ledger-check.ts';
import type { Exports } from '../contract/exports.ts';
import type { Labels } from '../contract/labels.ts';
import type { CountFigures } from '../contract/figures.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { Reports } from '../contract/reports.ts';
import type { Printing } from '../contract/printing.ts';
import type { Cloud } from '../contract/cloud.ts';
import type { Log } from '../platform/log.ts';
import type { Hub } from '../contract/hub.ts';
import type { Guard } from '../proof/rollback.ts';
import type { Gate } from './admission.ts';
import type { Counts } from './counts.ts';
import type { Limits } from './limits.ts';
import type { Refusals } from './refusals.ts';
import type { Source } from './source.ts';
import type { Traffic } from './traffic.ts';

/** Everything the routes use: stores, adapters, settings, counters. */
export interface Services extends Counts {
  ledger: Ledger;
  labels: Labels;
  reports: Reports;
  exports: Exports;
  figures: CountFigures;
  checking: Checking;
  backups: Backups;
  /** Figures of scheduled backups; undefined if no folder is set. */
  scheduled: () => BackupFigures | undefined;
  printing: Printing;
  config: Config;
  /** Signs checkpoints. */
  signer: Signer;
  checkpoints: Checkpoints;
  /** Checks whether the ledger continues the last seen checkpoint. */
  guard: Guard;
  gate: Gate;
  /** Notifies screens of changes. */
  hub: Hub;
  limits: Limits;
  refusals: Refusals;
  /** Devices that reported the Claim ID of another device. */
  alarms: Refusals;
  /** The device cloud; undefined if none is set. */
  cloud: Cloud | undefined;
  traffic: Traffic;
  log: Log;
  now: () => number;
  /** True as soon as the service is stopping. */
  stopping: () => boolean;
  /** The bearer token that commands on this machine find in serve.json. */
  localToken: string;
  source: Source;
  /** Removes the file with the first admin's link. Call this once an admin account exists. */
  dropFirstLink: () => void;
  /** Signs cookies and form tokens. */
  sessionKey: string;
}
