import { mkdtempSync, rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { SET_UP } from '../../words/console/set-up.ts';
import { invited } from '../support/form-client.ts';
import { openDesk, tempFolder } from '../support/service.ts';
import { until } from '../support/until.ts';

/** A folder in memory, so it is on another disk than the temporary folders. */
const elsewhere = mkdtempSync('/dev/shm/claimstamp-test-');
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

/** Returns the shape in front of this step. */
async function markOf(
  env: Record<string, string>,
  step: 'step.site' | 'step.backup' = 'step.backup',
): Promise<string | undefined> {
  const desk = await openDesk(env);
  desk.house.startBackups();
  await until(() => !('CLAIMSTAMP_BACKUP_FOLDER' in env) || desk.log().includes('backup made'));
  const ann = await invited(desk, 'ann', 'admin');
  const { text } = await ann.get('/set-up');
  const [shown = ''] = text.split('<li').filter((one) => one.includes(SET_UP.en[step]));
  return /shape is-(good|open)/.exec(shown)?.[1];
}

describe('the setup page', () => {
  it('asks for the code of the site until one is set', async () => {
    expect(await markOf({}, 'step.site')).toBe('open');
    expect(await markOf({ CLAIMSTAMP_SITE: 'P2' }, 'step.site')).toBe('good');
  });

  it('asks for a folder for backups until one is set', async () => {
    expect(await markOf({})).toBe('open');
  });

  it('asks for another disk while the folder is on the disk of the ledger', async () => {
    expect(await markOf({ CLAIMSTAMP_BACKUP_FOLDER: tempFolder() })).toBe('open');
  });

  it('asks no more when the folder is on another disk', async () => {
    expect(await markOf({ CLAIMSTAMP_BACKUP_FOLDER: elsewhere })).toBe('good');
  });
});
