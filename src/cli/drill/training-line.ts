import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { startService } from '../../main.ts';
import { forTraining, markTraining, type Place } from '../../jobs/training/training.ts';
import { ClaimstampError } from '../../platform/error.ts';
import { openLog } from '../../platform/log.ts';
import { remote, type Api } from '../api.ts';
import { restoreInto } from '../commands/restore.ts';

/** A service that runs on a copy of the ledger. */
export interface TrainingLine {
  url: string;
  api: Api;
  data: string;
  /** The token of an admin, for commands. */
  token: string;
  firstLink?: string;
  /** Sends a request as a device does. Returns the Claim ID that the device gets. */
  device: (body: object, stationKey?: string) => Promise<string>;
  close: () => Promise<void>;
}

/** The source of the copy: a backup, or the backup folder. */
export interface Source {
  path: string;
  /**
   * The line's public key, from a copy that was kept elsewhere. The copy of the ledger gets its own signing key, so
   * that it cannot sign anything in the line's name.
   */
  publicKey?: string;
}

export async function openTrainingLine(config: Config, source: Source, place: Place): Promise<TrainingLine> {
  const data = mkdtempSync(join(tmpdir(), 'claimstamp-training-'));
  const drop = (): void => rmSync(data, { recursive: true, force: true });
  try {
    await markTraining(data, place);
    const token = randomBytes(24).toString('base64url');
    const copy = forTraining({ ...config, data, adminToken: token });
    await restoreInto(source.path, copy, {
      copy: true,
      ...(source.publicKey === undefined ? {} : { key: [source.publicKey] }),
    });
    mkdirSync(join(data, 'print'), { recursive: true, mode: 0o750 });
    const service = await startService(copy, openLog('silent'));
    return {
      url: service.url,
      api: remote(service.url, token),
      data,
      token,
      ...(service.firstLink === undefined ? {} : { firstLink: service.firstLink.link }),
      device: (body, key) => askAsDevice(service.url, body, key),
      async close() {
        await service.stop();
        drop();
      },
    };
  } catch (error) {
    drop();
    throw error;
  }
}

async function askAsDevice(url: string, body: object, key: string | undefined): Promise<string> {
  const path = key === undefined ? '/ioto/serialize' : `/ioto/serialize/${key}`;
  const answer = await fetch(url + path, { method: 'POST', body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new ClaimstampError('ledger-unavailable', `the copy refused the device: ${text}`);
  const { id }: { id: string } = JSON.parse(text);
  return id;
}
