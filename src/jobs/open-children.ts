import { join } from 'node:path';
import type { Config } from '../config.ts';
import { openFeed } from '../contract/feed/feed.ts';
import { notesReadings } from '../contract/feed/note-reading.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { Services } from '../http/services.ts';
import type { Log } from '../platform/log.ts';
import { openSpool } from '../platform/spool.ts';
import { untilLogIsShort, untilReopened } from '../sqlite/long-log.ts';
import type { CheckpointSchedule } from './checkpoints.ts';
import { openChecking } from './check-ledger.ts';
import { openDayReports } from './days/draw-day.ts';
import { openFigures, openShiftFigures } from './figures/count-figures.ts';
import { openSheets } from './imports/read-sheet.ts';
import { openBackups } from './make-backup.ts';
import { openExports, type ExportsOptions } from './make-export.ts';
import { openReports } from './make-report.ts';
import { fileOf } from './open-ledger.ts';
import { openClosing, processOf } from './orders/close-order.ts';
import { exchangeFor, type Exchange } from './orders/exchange-files.ts';
import { openLabels, type OpenedLabels } from './render-labels.ts';
import { openSearch } from './search/open-search.ts';
import { webhooksFor } from './webhooks/open-webhooks.ts';

/** The jobs that run in child processes, with the functions that the routes use. */
export type Children = Pick<
  Services,
  | 'exports'
  | 'reports'
  | 'days'
  | 'sheets'
  | 'figures'
  | 'shift'
  | 'closing'
  | 'checking'
  | 'backups'
  | 'search'
  | 'feed'
  | 'webhooks'
> & {
  labels: OpenedLabels;
  exchange: Exchange | undefined;
  startIntegrations: () => void;
  close: () => Promise<void>;
};

interface ChildrenParts extends Pick<ExportsOptions, 'signer' | 'now'> {
  ledger: Ledger;
  checkpoints: CheckpointSchedule;
  /** A monotonic clock in ms. */
  clock: () => number;
  log: Log;
}

/** Starts the jobs that run in child processes. These child processes read the ledger file themselves. */
export function openChildren(
  config: Config,
  { ledger, log, signer, checkpoints, clock, now }: ChildrenParts,
): Children {
  const file = fileOf(config);
  const { isHeld } = checkpoints;
  const mayRead = async (signal?: AbortSignal): Promise<void> => {
    await untilReopened(ledger, signal);
    await untilLogIsShort(file, signal);
  };
  const spool = openSpool(join(config.data, 'spool'), { mayRead });
  const feed = openFeed(ledger, clock);
  const labels = openLabels({ ledger: file, spool, saved: ledger });
  const search = openSearch({ ledger: file, file: searchFile(config), log });
  const siteName = (): string | undefined => config.siteName;
  const noteReading = notesReadings({ ledger, now }, feed);
  const webhooks = webhooksFor(config, { ledger: file, origin: signer.origin, noteReading, isHeld, log });
  const exchange = exchangeFor(config, { file, ledger, spool, isHeld, log, now });
  return {
    feed,
    labels,
    search,
    webhooks,
    exchange,
    exports: openExports({ ledger: file, spool, signer, checkpoints, now }),
    reports: openReports(file, spool, now, siteName),
    days: openDayReports(file, spool, now, siteName),
    sheets: openSheets(spool, config.identityProperties),
    figures: openFigures(file, spool),
    shift: openShiftFigures(file, spool),
    closing: openClosing({ ledger, file, spool, process: processOf(config.data), log }),
    checking: openChecking(file, spool, now),
    backups: openBackups(file, spool, checkpoints),
    startIntegrations() {
      webhooks.start();
      exchange?.start();
    },
    async close() {
      await Promise.all([labels.close(), search.close(), webhooks.close(), exchange?.close()]);
    },
  };
}

/** Returns undefined if the search is off. */
function searchFile({ data, search }: Config): string | undefined {
  return search === 'off' ? undefined : join(data, 'search.db');
}
