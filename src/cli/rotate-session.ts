import { existsSync } from 'node:fs';
import { readConfig, type Config } from '../config.ts';
import { ownStopped } from '../jobs/rotate-key.ts';
import { rotateSessionKey } from '../jobs/session-key.ts';
import { ClaimstampError } from '../platform/error.ts';
import { openLog } from '../platform/log.ts';
import { ledgerFile } from '../sqlite/sqlite-ledger.ts';
import { noLedger } from './api.ts';
import { hint, print } from './run.ts';
import { logFormat } from './log-format.ts';

/**
 * Returns the configuration for a command that replaces a key. The keys are files in the data folder, so such a command
 * must run on the machine that has this folder.
 */
export function localConfig(): Config {
  const config = readConfig(process.env);
  if (config.url === undefined) return config;
  throw new ClaimstampError(
    'invalid',
    'CLAIMSTAMP_URL is set: run this command on the machine with the data folder, without CLAIMSTAMP_URL',
  );
}

/**
 * Replaces the session key, and ends all sessions. The new key is written first, because it makes all earlier cookies
 * invalid. After that, the command records in the ledger that each session has ended.
 */
export async function rotateSession(config: Config): Promise<void> {
  const { data, ledger: shared } = config;
  if (shared !== undefined)
    throw new ClaimstampError(
      'invalid',
      'CLAIMSTAMP_LEDGER is set, so the session key is derived from CLAIMSTAMP_SIGNING_KEY: to sign everyone out, set a new signing key',
    );
  const own = await ownStopped(data);
  if (!existsSync(ledgerFile(data))) {
    own.close();
    throw noLedger(data);
  }
  // The other commands about checkpoints do not need the service.
  const { openApplication } = await import('../main.ts');
  const { ledger, close } = await openApplication(
    config,
    openLog('error', 'stderr', logFormat(config, process.stderr)),
    own,
  );
  try {
    await rotateSessionKey(data);
    const sessions = await ledger.credentials('session');
    for (const { hash } of sessions) await ledger.record({ kind: 'end-session', hash, actor: 'local' });
    const screens = sessions.flatMap(({ name, kiosk }) => (kiosk ? [name] : []));
    print(`the session key is new; ${sessions.length} sessions ended`);
    hint(
      `everyone is signed out${screens.length === 0 ? '' : `, also the screens of ${[...new Set(screens)].join(', ')}: open each with a new link (claimstamp station kiosk NAME)`}`,
    );
  } finally {
    await close();
  }
}
