import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { ClaimstampError } from '../error.ts';
import { agentRoutes } from './agent.ts';
import { assetRoutes } from './assets.ts';
import { openAuth, type Auth } from './auth.ts';
import { backupRoute } from './backup.ts';
import { catalogRoutes } from './catalog.ts';
import { documentRoutes } from './docs.tsx';
import { securityHeaders } from './headers.ts';
import { endingRoutes } from './endings.ts';
import { figuresRoute } from './figures.ts';
import { exportRoutes } from './exports.ts';
import { healthRoutes } from './health.ts';
import { judgesHost } from './host.ts';
import { keyRoutes } from './keys.ts';
import { kioskRoutes } from './kiosks.ts';
import { labelRoutes } from './labels.ts';
import { ledgerRoutes } from './ledger.ts';
import type { Line } from './line.ts';
import { countLookups } from './lookups.ts';
import { openOperations } from './operation.ts';
import { peopleRoutes } from './people.ts';
import { printerRoutes } from './printers.ts';
import { internalProblem, problem } from './problem.ts';
import { reconciliationRoutes } from './reconciliation.ts';
import { registrationRoutes } from './registration.ts';
import { signInRoutes } from './sign-in.tsx';
import { stationEventRoutes } from './station-events.ts';
import { stationRoutes } from './stations.ts';
import { tokenRoutes } from './tokens.ts';
import { unitRoutes } from './units.ts';

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
