import { Hono } from 'hono';
import { version } from '../root.ts';
import { bearer } from './auth.ts';
import type { Line } from './line.ts';
import type { TrafficFigures } from './traffic.ts';

/** Anybody may ask, and each probe is a real write: all who ask within this time get the same answer. ms */
const PROBE_LASTS_MS = 1000;

/** For who looks after the service: alive, ready, and the numbers. */
export function healthRoutes(line: Line, tokens: Record<string, string | undefined>): Hono {
  const app = new Hono();
  let probed: { at: number; problems: Promise<string[]> } | undefined;
  const problems = (): Promise<string[]> => {
    const now = performance.now();
    if (probed === undefined || now - probed.at > PROBE_LASTS_MS)
      probed = { at: now, problems: line.ledger.problems() };
    return probed.problems;
  };
  app.get('/healthz', (c) => c.json({ status: 'ok', version }));

  app.get('/readyz', async (c) => {
    const found = line.stopping() ? ['the service is stopping'] : await problems();
    return c.json(
      { status: found.length === 0 ? 'ready' : 'not ready', problems: found },
      found.length === 0 ? 200 : 503,
    );
  });

  app.get('/metrics', bearer(tokens), (c) =>
    c.text(metrics(line), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
  );
  return app;
}

/** Prometheus text format 0.0.4. */
function metrics({ ledger, counts, refusals, traffic }: Line): string {
  const { issued, repeats } = counts();
  const { commits, commands, events, waiting, state } = ledger.figures();
  const lines = [
    ...metric('claimstamp_issued_total', 'counter', 'Requests answered with a unit for the first time.', issued),
    ...metric('claimstamp_repeats_total', 'counter', 'Requests answered with a unit they had before.', repeats),
    ...metric('claimstamp_ledger_commits_total', 'counter', 'Transactions of the ledger.', commits),
    ...metric('claimstamp_ledger_commands_total', 'counter', 'Commands in those transactions.', commands),
    ...metric('claimstamp_ledger_events_total', 'counter', 'Events appended.', events),
    ...metric('claimstamp_ledger_waiting', 'gauge', 'Commands that wait for the writer.', waiting),
    ...metric('claimstamp_ledger_writable', 'gauge', '1 when the last commit worked.', state === 'ready' ? 1 : 0),
    ...metric('process_resident_memory_bytes', 'gauge', 'Resident memory.', process.memoryUsage.rss()),
    ...trafficMetrics(traffic.figures()),
    '# HELP claimstamp_refusals_total Requests refused, by station and reason.',
    '# TYPE claimstamp_refusals_total counter',
    ...refusals
      .list()
      .map(({ station, code, count }) => `claimstamp_refusals_total{station="${station}",reason="${code}"} ${count}`),
  ];
  return `${lines.join('\n')}\n`;
}

function trafficMetrics({ open, cuts }: TrafficFigures): string[] {
  const name = 'claimstamp_connections_cut_total';
  return [
    ...metric('claimstamp_connections_open', 'gauge', 'Connections that are open now.', open),
    `# HELP ${name} Connections closed, or refused an answer, before any route saw a request.`,
    `# TYPE ${name} counter`,
    ...Object.entries(cuts).map(([reason, count]) => `${name}{reason="${reason}"} ${count}`),
  ];
}

function metric(name: string, type: string, help: string, value: number): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${value}`];
}
