import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Hono, type MiddlewareHandler } from 'hono';
import { ClaimstampError, refusal } from '../platform/error.ts';
import { languageOf } from './language.ts';
import { agentRoutes } from './routes/agent.ts';
import { assetRoutes, siteLogoRoute } from './assets.ts';
import { openAuth, type Auth } from './auth.ts';
import { accountRoutes } from './routes/account.ts';
import { backupRoute } from './routes/backup.ts';
import { catalogRoutes } from './routes/catalog.ts';
import { exchangeRoutes } from './exchange/exchange.ts';
import { documentRoutes } from './routes/docs.tsx';
import { feedRoutes } from './feed/feed-routes.ts';
import { webhookRoutes } from './feed/webhook-routes.ts';
import { securityHeaders } from './headers.ts';
import { shippingRoutes } from './routes/shipping.ts';
import { endingRoutes } from './routes/end-units.ts';
import { changeOverRoutes } from './routes/change-over.ts';
import { purposeRoutes } from './routes/purpose.ts';
import { returnRoutes } from './routes/returns.ts';
import { removalRoutes } from './routes/removal.ts';
import { figuresRoute } from './routes/figures.ts';
import { auditRoutes } from './routes/audit.ts';
import { exceptionRoutes } from './routes/exceptions.ts';
import { exportRoutes } from './routes/exports.ts';
import { drillRoutes } from './routes/drills.ts';
import { forecastRoutes } from './routes/forecasts.ts';
import { aboutRoutes } from './routes/about.ts';
import { healthRoutes, openProbe } from './routes/health.ts';
import { judgesHost } from './host-check.ts';
import { holdCodeRoutes } from './routes/hold-codes.ts';
import { keyRoutes } from './routes/station-keys.ts';
import { kioskRoutes } from './routes/kiosks.ts';
import { approvalRoutes } from './routes/label-approvals.ts';
import { printRoutes } from './routes/prints.ts';
import { templateRoutes } from './routes/label-templates.ts';
import { labelRoutes } from './routes/labels.ts';
import { listExportRoutes } from './routes/list-exports.ts';
import { ledgerRoutes } from './routes/ledger.ts';
import type { Services } from './services.ts';
import { countLookups, KIOSK_BURST } from './lookups.ts';
import { openOperations, type On } from './operation.ts';
import { openProofs } from './prove-password.ts';
import { peopleRoutes } from './routes/people.ts';
import { printAgentRoutes } from './routes/print-agents.ts';
import { printerRoutes } from './routes/printers.ts';
import { internalProblem, problem } from './problems.ts';
import { reconciliationRoutes } from './routes/reconciliation.ts';
import { registrationRoutes } from './routes/registration.ts';
import { searchRoutes } from './routes/search.ts';
import { signInRoutes } from './routes/sign-in.tsx';
import { handOverRoutes } from './routes/hand-over.ts';
import { stationEventRoutes } from './routes/station-events.ts';
import { stationRoutes } from './routes/stations.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { marksTraining } from './training.ts';
import { unitRoutes } from './routes/units.ts';

export interface AppParts {
  app: Hono;
  auth: Auth;
  services: Services;
}

/** Routes for products, stations, printers and work orders. */
function settingRoutes(on: On, services: Services): void {
  catalogRoutes(on, services);
  removalRoutes(on, services);
}

function labelTemplateRoutes(on: On, services: Services): void {
  printRoutes(on, services);
  templateRoutes(on, services);
  approvalRoutes(on, services);
}

/** A monotonic clock, in ms. */
const clock = (): number => performance.now();

/** Creates the app with all routes of the service except the console's pages, which `addPages` adds. */
export function createApp(services: Services, addPages: (parts: AppParts) => void): Hono {
  const app = new Hono();
  app.use(securityHeaders(services.source), judgesHost(services.config, services.source, services.refusals));
  app.use(delaysRefusals(services));
  if (services.config.training) app.use(marksTraining);
  const auth = openAuth(services);
  const counts = { lookups: countLookups(clock), kiosks: countLookups(clock, KIOSK_BURST) };
  const { on, list, close } = openOperations(app, auth, services, counts);
  agentRoutes(app, list, services);
  registrationRoutes(app, list, services);
  unitRoutes(on, services);
  searchRoutes(on, services);
  endingRoutes(on, services);
  purposeRoutes(on, services);
  exceptionRoutes(on, services);
  listExportRoutes(on, services);
  auditRoutes(on, services);
  changeOverRoutes(on, services);
  returnRoutes(on, services);
  shippingRoutes(on, services);
  reconciliationRoutes(on, services);
  labelRoutes(on, services);
  labelTemplateRoutes(on, services);
  keyRoutes(on, services);
  stationRoutes(on, services);
  stationEventRoutes(on, services);
  handOverRoutes(on, services);
  settingRoutes(on, services);
  exchangeRoutes(on, services);
  printerRoutes(on, services);
  printAgentRoutes(on, services);
  ledgerRoutes(on, services);
  exportRoutes(on, services);
  feedRoutes(on, services);
  webhookRoutes(on, services);
  figuresRoute(on, services);
  backupRoute(on, services);
  tokenRoutes(on, services);
  peopleRoutes(on, services);
  kioskRoutes(on, services);
  holdCodeRoutes(on, services);
  const proofs = openProofs(services);
  accountRoutes(on, services, proofs);
  forecastRoutes(on, services);
  drillRoutes(on, services);
  const probe = openProbe(services);
  healthRoutes(on, services, probe);
  aboutRoutes(on, services, probe);
  documentRoutes(app, list);
  signInRoutes(app, auth, services, proofs);
  assetRoutes(app);
  siteLogoRoute(app, services.config.siteLogo);
  addPages({ app, auth, services });
  close();

  // Unauthenticated callers must not learn which routes exist.
  app.all('/v1/*', async (c) => {
    await auth.principal(c);
    throw nothingHere(c.req.method);
  });
  app.notFound((c) => problem(nothingHere(c.req.method), randomUUID(), undefined, languageOf(c)));
  app.onError((error, c) => {
    const requestId = randomUUID();
    if (error instanceof ClaimstampError)
      return problem(error, requestId, c.res.headers.get('allow') ?? undefined, languageOf(c));
    services.log.error({ requestId, err: error }, 'a request failed inside');
    return internalProblem(requestId);
  });
  return app;
}

/** Delays refusals if an address gets too many of them. Other answers are never delayed. */
function delaysRefusals({ limits, source }: Services): MiddlewareHandler {
  return async (c, next) => {
    await next();
    const { status } = c.res;
    if (status < 400 || status >= 500) return;
    const delayMs = limits.delayMs(source.orPeer(c));
    if (delayMs > 0) await pause(delayMs);
  };
}

function nothingHere(method: string): ClaimstampError {
  return refusal('not-found', 'address', { method });
}
