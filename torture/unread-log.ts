import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { ask, start, type Service, type StartOptions } from '../harness/service.ts';
import { FILLING_REQUESTS, TERMINAL } from '../harness/terminal.ts';
import { openRow, type Check, type Row } from './check.ts';
import { contentsOf, ledgerIn } from './contents.ts';

/** The number of devices that ask at the same time. */
const CLIENTS = 20;

const TERMINAL_OPTIONS: StartOptions = { wrap: ['python3', '-c', TERMINAL], stdio: ['pipe', 'pipe', 'pipe'] };

/** For each fault: how the service is started, and what happens to the service's output while devices ask. */
const FAULTS: [fault: string, options: () => StartOptions, harm?: (service: Service) => void][] = [
  ['no one reads the log: the pipe is full', () => ({ stdio: ['ignore', 'pipe', 'pipe'] })],
  ['no one reads the log: the terminal was stopped (Ctrl-S)', () => TERMINAL_OPTIONS],
  [
    'the reader of the log has ended (EPIPE)',
    () => ({ stdio: ['ignore', 'pipe', 'pipe'] }),
    ({ child }) => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    },
  ],
  ["the service's terminal went away (EIO)", () => TERMINAL_OPTIONS, ({ child }) => void child.stdin?.write('close\n')],
  ['the log is a file on a full disk (ENOSPC)', onFullDisk],
];

function onFullDisk(): StartOptions {
  const full = openSync('/dev/full', 'w');
  // In the next turn of the event loop, the child process has its own copy of the file descriptor. So this process can
  // close its copy.
  setImmediate(() => closeSync(full));
  return { stdio: ['ignore', full, full] };
}

/** The service's log cannot be written. Each device must get its Claim ID, and the service must keep running. */
export const unreadLog: Check = async ({ folder, say }) => {
  const rows: Row[] = [];
  for (const [n, [fault, options, harm]] of FAULTS.entries()) {
    say(`log: ${fault}`);
    rows.push(await withoutLog(join(folder, `log-${n}`), fault, options(), harm));
  }
  return rows;
};

async function withoutLog(
  data: string,
  fault: string,
  options: StartOptions,
  harm?: (service: Service) => void,
): Promise<Row> {
  const row = openRow(fault);
  row.tried();
  const service = await start(data, { ...options, env: { CLAIMSTAMP_LOG_LEVEL: 'debug' } });
  const answered = new Map<string, string>();
  let asked = 0;
  const devices = async (until: number): Promise<void> => {
    while (asked < until) {
      const mac = `device-${asked++}`;
      const { status, id } = await ask(service.port, { mac });
      if (id === undefined) row.fail(`a device got the status ${status} and no Claim ID`);
      else answered.set(mac, id);
    }
  };
  await devices(1);
  harm?.(service);
  const begun = performance.now();
  await Promise.all(Array.from({ length: CLIENTS }, () => devices(FILLING_REQUESTS)));
  const perSecond = Math.round((FILLING_REQUESTS * 1000) / (performance.now() - begun));
  const ready = await service.api('GET', '/readyz').catch(() => ({ status: 0 }));
  if (ready.status !== 200) row.fail(`/readyz answered ${ready.status}`);
  // The terminal program ends when both its input and the service have ended.
  service.child.stdin?.end();
  await service.end('SIGTERM');
  const { macs, findings } = await contentsOf(ledgerIn(data));
  const gone = [...answered].filter(([mac, id]) => macs.get(mac) !== id);
  if (gone.length > 0) row.fail(`${gone.length} delivered IDs were lost`, gone.length);
  if (findings.length > 0) row.fail(findings[0] as string);
  return row.row(`all ${asked} devices got an answer, ${perSecond}/s`);
}
