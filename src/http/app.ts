import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { ClaimstampError } from '../platform/error.ts';
import { agentRoutes } from './routes/agent.ts';
import { assetRoutes } from './assets.ts';
import { openAuth, type Auth } from './auth.ts';
import { backupRoute } from './routes/backup.ts';
import { catalogRoutes } from './routes/catalog.ts';
import { documentRoutes } from './routes/docs.tsx';
import { securityHeaders } from './headers.ts';
import { endingRoutes } from './routes/end-units.ts';
import { figuresRoute } from './routes/figures.ts';
import { exportRoutes } from './routes/exports.ts';
import { healthRoutes } from './routes/health.ts';
import { judgesHost } from './host-check.ts';
import { keyRoutes } from './routes/station-keys.ts';
import { kioskRoutes } from './routes/kiosks.ts';
import { labelRoutes } from './routes/labels.ts';
import { ledgerRoutes } from './routes/ledger.ts';
import type { Line } from './line.ts';
import { countLookups } from './lookups.ts';
import { openOperations } from './operation.ts';
import { peopleRoutes } from './routes/people.ts';
import { printerRoutes } from './routes/printers.ts';
import { internalProblem, problem } from './problems.ts';
import { reconciliationRoutes } from './routes/reconciliation.ts';
import { registrationRoutes } from './routes/registration.ts';
import { signInRoutes } from './routes/sign-in.tsx';
import { stationEventRoutes } from './routes/station-events.ts';
import { stationRoutes } from './routes/stations.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { unitRoutes } from './routes/units.ts';

/** What pages stand on: the routes they call, who is signed in, and what the routes work with. */
export interface Ground {
  app: Hono;
  auth: Auth;
  line: Line;
}

/** Every route of the service; the console adds its pages. */
export function createApp(line: Line, addPages: (ground: Ground) => void): Hono {
  const app = new Hono();
  app.use(securityHeaders(line.source), judgesHost(line.config, line.source, line.refusals));
  const auth = openAuth(line);
  const { on, list, close } = openOperations(
    app,
    auth,
    line.source,
    countLookups(() => performance.now()),
  );
  agentRoutes(app, list, line);
  registrationRoutes(app, list, line);
  unitRoutes(on, line);
  endingRoutes(on, line);
  reconciliationRoutes(on, line);
  labelRoutes(on, line);
  keyRoutes(on, line);
  stationRoutes(on, line);
  stationEventRoutes(on, line);
  catalogRoutes(on, line);
  printerRoutes(on, line);
  ledgerRoutes(on, line);
  exportRoutes(on, line);
  figuresRoute(on, line);
  backupRoute(on, line);
  tokenRoutes(on, line);
  peopleRoutes(on, line);
  kioskRoutes(on, line);
  healthRoutes(on, line);
  documentRoutes(app, list);
  signInRoutes(app, auth, line);
  assetRoutes(app);
  addPages({ app, auth, line });
  close();

  // Who may not come in does not learn what is there.
  app.all('/v1/*', async (c) => {
    await auth.principal(c);
    throw nothingHere(c.req.method);
  });
  app.notFound((c) => problem(nothingHere(c.req.method), randomUUID()));
  app.onError((error, c) => {
    const requestId = randomUUID();
    if (error instanceof ClaimstampError) return problem(error, requestId, c.res.headers.get('allow') ?? undefined);
    line.log.error({ requestId, err: error }, 'a request failed inside');
    return internalProblem(requestId);
  });
  return app;
}

function nothingHere(method: string): ClaimstampError {
  return new ClaimstampError('not-found', `there is nothing at this address for ${method}`);
}
