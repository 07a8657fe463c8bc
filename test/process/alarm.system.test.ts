import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { moveLedger } from '../../harness/moved-ledger.ts';
import { ADMIN_TOKEN, startService, tempFolder, type Service } from '../support/service.ts';
import { attempt } from '../support/agent-wire.ts';

const TOKEN = { authorization: `Bearer ${ADMIN_TOKEN}` };

const ask = async ({ port }: Service, mac: string): Promise<number> =>
  (await attempt(port, JSON.stringify({ product: 'METER', mac }))).status;

it('runs the command of CLAIMSTAMP_ON_ALARM once when the ledger is gone, also across a restart', async () => {
  const [data, aside, folder] = [tempFolder(), tempFolder(), tempFolder()];
  const [command, calls] = [join(folder, 'on-alarm'), join(folder, 'calls')];
  const texts = join(folder, 'texts');
  writeFileSync(
    command,
    `#!/bin/sh\necho "$CLAIMSTAMP_ALARM_CODE $CLAIMSTAMP_ALARM_STATE" >> ${calls}\necho "$CLAIMSTAMP_ALARM_TEXT" >> ${texts}\n`,
  );
  chmodSync(command, 0o755);
  const called = (): string => (existsSync(calls) ? readFileSync(calls, 'utf8') : '');
  const service = await startService(data, { CLAIMSTAMP_ON_ALARM: command });
  expect(await ask(service, 'one')).toBe(200);

  // No device asks: at night, only the service itself notices.
  moveLedger(data, aside);
  await vi.waitFor(() => expect(called()).toBe('disk begin\n'), { timeout: 50_000, interval: 200 });
  expect(readFileSync(texts, 'utf8')).toContain('put ledger.db and ledger.db-wal back into the data folder');
  const metrics = await (await fetch(`${service.url}/metrics`, { headers: TOKEN })).text();
  expect(metrics).toContain('\nclaimstamp_ledger_writable 0\n');
  expect(await ask(service, 'two')).toBe(503);
  await service.end('SIGTERM');

  moveLedger(aside, data);
  const next = await startService(data, { CLAIMSTAMP_ON_ALARM: command });
  expect(await ask(next, 'two')).toBe(200);
  await vi.waitFor(async () => {
    const { forecasts } = (await (await fetch(`${next.url}/readyz`)).json()) as { forecasts?: unknown[] };
    expect(forecasts).toContainEqual({ code: 'backup-age', level: 'notice', count: 1 });
  }, 50_000);
  expect(called()).toBe('disk begin\n');
});
