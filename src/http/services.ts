import type { Config } from '../config.ts';
import type { Checkpoints, Signer } from '../proof/checkpoint.ts';
import type { Backups, BackupFigures } from '../contract/backup.ts';
import type { Checking } from '../contract/ledger-check.ts';
import type { Closing } from '../contract/orders/closing.ts';
import type { Imports, Sheets } from '../contract/imports.ts';
import type { Feed } from '../contract/feed/feed.ts';
import type { Webhooks } from '../contract/feed/webhooks.ts';
import type { Exports } from '../contract/exports.ts';
import type { Labels } from '../contract/labels.ts';
import type { Forecasts } from '../contract/forecasts.ts';
import type { CountFigures, CountShift } from '../contract/figures.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { Search } from '../contract/search.ts';
import type { DayReports, Reports } from '../contract/reports.ts';
import type { Printing } from '../contract/printing.ts';
import type { Cloud } from '../contract/cloud.ts';
import type { Log } from '../platform/log.ts';
import type { Hub } from '../contract/hub.ts';
import type { Guard } from '../proof/rollback.ts';
import type { Gate } from './admission.ts';
import type { GateScans } from './gate-scans.ts';
import type { Counts } from './counts.ts';
import type { LinkAddresses } from './link-address.ts';
import type { Limits } from './limits.ts';
import type { Refusals } from './refusals.ts';
import type { SignInAudit } from './sign-in-audit.ts';
import type { Source } from './source.ts';
import type { Traffic } from './traffic.ts';

/** The objects that the routes use: stores, adapters, settings, counters. */
export interface Services extends Counts {
  ledger: Ledger;
  feed: Feed;
  webhooks: Webhooks;
  labels: Labels;
  reports: Reports;
  days: DayReports;
  exports: Exports;
  closing: Closing;
  imports: Imports;
  sheets: Sheets;
  figures: CountFigures;
  shift: CountShift;
  checking: Checking;
  search: Search;
  backups: Backups;
  /** Returns figures about the scheduled backups, or undefined if no backup folder is set. */
  scheduled: () => BackupFigures | undefined;
  /** Starts a backup into the backup folder. Throws `not-found` if no backup folder is set. */
  backUpNow: (actor: string) => void;
  printing: Printing;
  /** The forecasts for everything that will run out or expire. */
  forecasts: Forecasts;
  config: Config;
  /** Signs checkpoints. */
  signer: Signer;
  checkpoints: Checkpoints;
  /** Checks that the ledger is a continuation of the last checkpoint seen. */
  guard: Guard;
  gate: Gate;
  /** The latest scans at each station in gate mode. */
  gateScans: GateScans;
  /** Notifies screens of changes. */
  hub: Hub;
  links: LinkAddresses;
  limits: Limits;
  refusals: Refusals;
  /** The devices that reported another device's Claim ID. */
  alarms: Refusals;
  /** The device cloud, or undefined if none is set. */
  cloud: Cloud | undefined;
  traffic: Traffic;
  log: Log;
  now: () => number;
  /** Returns true if the service has begun to stop. */
  stopping: () => boolean;
  /** The bearer token for commands on this machine. Commands read this token from serve.json. */
  localToken: string;
  source: Source;
  /** Records failed sign-ins. */
  signInAudit: SignInAudit;
  /** Removes the file with the link for the first admin. Must be called as soon as an admin account exists. */
  dropFirstLink: () => void;
  /** The key that signs cookies and form tokens. */
  sessionKey: string;
}
