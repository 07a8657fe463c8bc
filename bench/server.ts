import { readConfig } from '../src/config.ts';
import { openLog } from '../src/platform/log.ts';
import type { OpenLedger } from '../src/jobs/open-ledger.ts';
import { startService } from '../src/main.ts';
import { openSqliteLedger } from '../src/sqlite/sqlite-ledger.ts';
import { openBareThread } from './bare.ts';
import { openNoLedger } from './no-ledger.ts';

/*
 * Runs one server in a separate process: `server.js <variant>`. The server reads its settings from the environment,
 * like the real service. When the server is listening, it sends its address to its parent process. The server stops
 * when the parent process disconnects.
 */

/**
 * `claimstamp` is the real service. There are three other variants: one without a ledger, one with a transaction for
 * each request, and one whose writer records nothing.
 */
export type Variant = 'claimstamp' | 'no-ledger' | 'one-per-request' | 'bare-thread';

const LEDGERS: Record<Variant, OpenLedger> = {
  claimstamp: openSqliteLedger,
  'no-ledger': () => Promise.resolve(openNoLedger()),
  'bare-thread': openBareThread,
  'one-per-request': (options) => openSqliteLedger({ ...options, groupSize: 1 }),
};

if (process.send) {
  const config = readConfig(process.env);
  const service = await startService(config, openLog(config.logLevel), LEDGERS[process.argv[2] as Variant]);
  process.once('disconnect', () => void service.stop().then(() => process.exit(0)));
  process.send(service.url);
}
