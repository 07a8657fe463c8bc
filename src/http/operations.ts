import { feedOperations } from './feed/feed-routes.ts';
import { webhookOperations } from './feed/webhook-routes.ts';
import { siteOperations } from './routes/site-settings.ts';
import { aboutOperations } from './routes/about.ts';
import { accountOperations } from './routes/account.ts';
import { auditOperations } from './routes/audit.ts';
import { backupOperations } from './routes/backup.ts';
import { catalogOperations } from './routes/catalog.ts';
import { changeOverOperations } from './routes/change-over.ts';
import { drillOperations } from './routes/drills.ts';
import { endingOperations } from './routes/end-units.ts';
import { exceptionOperations } from './routes/exceptions.ts';
import { exportOperations } from './routes/exports.ts';
import { figuresOperations } from './routes/figures.ts';
import { findOperations } from './routes/find-units.ts';
import { forecastOperations } from './routes/forecasts.ts';
import { handOverOperations } from './routes/hand-over.ts';
import { healthOperations } from './routes/health.ts';
import { holdCodeOperations } from './routes/hold-codes.ts';
import { kioskOperations } from './routes/kiosks.ts';
import { labelOperations } from './routes/labels.ts';
import { approvalOperations } from './routes/label-approvals.ts';
import { draftOperations } from './routes/label-drafts.ts';
import { logoOperations } from './routes/label-logos.ts';
import { templateOperations } from './routes/label-templates.ts';
import { ledgerOperations } from './routes/ledger.ts';
import { listExportOperations } from './routes/list-exports.ts';
import { peopleOperations } from './routes/people.ts';
import { printOperations } from './routes/prints.ts';
import { printAgentOperations } from './routes/print-agents.ts';
import { exchangeOperations } from './exchange/exchange.ts';
import { printerOperations } from './routes/printers.ts';
import { purposeOperations } from './routes/purpose.ts';
import { reconciliationOperations } from './routes/reconciliation.ts';
import { removalOperations } from './routes/removal.ts';
import { returnOperations } from './routes/returns.ts';
import { keyOperations } from './routes/station-keys.ts';
import { searchOperations } from './routes/search.ts';
import { shippingOperations } from './routes/shipping.ts';
import { stationEventOperations } from './routes/station-events.ts';
import { stationOperations } from './routes/stations.ts';
import { tokenOperations } from './routes/tokens.ts';
import { unitOperations } from './routes/units.ts';

/** All operations for people and programs, by address. Agents have other routes. */
export const OPERATIONS = {
  ...unitOperations,
  ...findOperations,
  ...searchOperations,
  ...endingOperations,
  ...purposeOperations,
  ...exceptionOperations,
  ...listExportOperations,
  ...auditOperations,
  ...returnOperations,
  ...shippingOperations,
  ...reconciliationOperations,
  ...labelOperations,
  ...printOperations,
  ...approvalOperations,
  ...templateOperations,
  ...draftOperations,
  ...logoOperations,
  ...keyOperations,
  ...stationOperations,
  ...changeOverOperations,
  ...stationEventOperations,
  ...handOverOperations,
  ...catalogOperations,
  ...exchangeOperations,
  ...printerOperations,
  ...printAgentOperations,
  ...removalOperations,
  ...ledgerOperations,
  ...exportOperations,
  ...feedOperations,
  ...webhookOperations,
  ...figuresOperations,
  ...backupOperations,
  ...tokenOperations,
  ...peopleOperations,
  ...kioskOperations,
  ...holdCodeOperations,
  ...accountOperations,
  ...forecastOperations,
  ...drillOperations,
  ...healthOperations,
  ...aboutOperations,
  ...siteOperations,
};
