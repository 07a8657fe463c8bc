import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { ClaimstampError } from '../error.ts';
import { agentRoutes } from './agent.ts';
import { bearer, type Actor } from './auth.ts';
import { securityHeaders } from './headers.ts';
import { healthRoutes } from './health.ts';
import { judgesHost } from './host.ts';
import type { Line } from './line.ts';
import { internalProblem, problem } from './problem.ts';
import { printerRoutes } from './printers.ts';
import { readsSource } from './source.ts';
import { catalogRoutes, stationRoutes } from './stations.ts';
import { labelRoutes } from './labels.ts';
import { unitRoutes } from './units.ts';

/** Every route of the service. */
export function createApp(line: Line): Hono {
  const tokens = { admin: line.config.adminToken, local: line.localToken };
  const app = new Hono();
  const source = readsSource(line.config.trustedProxies);
  app.use(securityHeaders(source), judgesHost(line.config, source, line.refusals));
  app.route('/ioto/serialize', agentRoutes(line));
  app.route('/', healthRoutes(line, tokens));

  const v1 = new Hono<Actor>();
  v1.use(bearer(tokens));
  v1.route('/', labelRoutes(line));
  v1.route('/', printerRoutes(line));
  v1.route('/', unitRoutes(line));
  v1.route('/stations', stationRoutes(line));
  v1.route('/', catalogRoutes(line));
  app.route('/v1', v1);

  app.all('/ioto/serialize/*', (c) => {
    throw c.req.method === 'POST'
      ? new ClaimstampError('not-found', 'agents ask at /ioto/serialize or /ioto/serialize/<key>: mend api.serialize')
      : new ClaimstampError('method-not-allowed', 'agents ask with POST');
  });
  app.notFound((c) =>
    problem(new ClaimstampError('not-found', `there is nothing at this address for ${c.req.method}`), randomUUID()),
  );
  app.onError((error) => {
    const requestId = randomUUID();
    if (error instanceof ClaimstampError) return problem(error, requestId);
    line.log.error({ requestId, err: error }, 'a request failed inside');
    return internalProblem(requestId);
  });
  return app;
}
