import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { askOn, target } from '../harness/agent.ts';
import { openRow, type Check } from './check.ts';
import { start, type Service } from '../harness/service.ts';
import { contentsOf, ledgerIn } from './contents.ts';

const CONNECTIONS = 32;

/**
 * The memory in use may become this many times as large as in the first fifth of a run. Some growth is normal, because
 * caches fill and garbage collection is irregular.
 */
const MEMORY_GROWTH = 1.5;
/** How many more connections and open files there may be at the end of a run than in its first fifth. */
const HANDLES_MORE = 20;
/**
 * During a snapshot, SQLite cannot restart its write-ahead log. So the log may grow for as long as this many
 * consecutive snapshots last.
 */
const SNAPSHOTS = 2;
/** The number of bytes that each issued Claim ID adds to the write-ahead log. */
const WAL_BYTES = 8.5 * 1024;

interface Look {
  rssMb: number;
  handles: number;
  walMb: number;
}

/**
 * Issues Claim IDs at full speed for a long time. Meanwhile, labels and exports are made, and a reader holds long
 * snapshots.
 */
export const longRun: Check = async ({ short, issues: wanted, folder, say }) => {
  const data = join(folder, 'long');
  const service = await start(data);
  const given = new Set<string>();
  let twice = 0;
  const looks: Look[] = [];
  let maxWal = 0;
  const done = new AbortController();
  const watching = (async () => {
    while (!done.signal.aborted) {
      const look = lookAt(service, data);
      looks.push(look);
      maxWal = Math.max(maxWal, look.walMb);
      await pause(short ? 100 : 1000);
    }
  })();
  const beside = office(service, data, done.signal);
  const reading = readOn(data, done.signal);
  const to = target(service.url);
  let next = wanted / 10;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, () =>
      askOn(to, false, (uci) => {
        if (given.has(uci)) twice++;
        given.add(uci);
        if (given.size >= next) {
          say(`long run: ${given.size.toLocaleString('en-US')} of ${wanted.toLocaleString('en-US')}`);
          next += wanted / 10;
        }
        return given.size < wanted;
      }),
    ),
  );
  const perSecond = Math.round((wanted / (performance.now() - begun)) * 1000);
  done.abort();
  await watching;
  await reading;
  const rounds = await beside;
  await service.end('SIGTERM');

  const issues = openRow(`${wanted.toLocaleString('en-US')} issues at full speed, while labels and exports are made`);
  issues.tried();
  const { ucis, findings } = await contentsOf(ledgerIn(data));
  const gone = [...given].filter((uci) => ucis.get(uci) !== 1).length;
  if (gone > 0) issues.fail(`${gone} delivered IDs gone`, gone);
  if (twice > 0) issues.fail(`${twice} IDs were issued twice`, twice);
  if (findings.length > 0) issues.fail(findings[0] as string);
  if (rounds === 0) issues.fail('no export was completed');
  return [
    issues.row(`${perSecond.toLocaleString('en-US')}/s, ${rounds} exports and label files`),
    ...growthRows(looks, maxWal, (SNAPSHOTS * SNAPSHOT_MS * perSecond * WAL_BYTES) / 1000),
  ];
};

function growthRows(looks: Look[], maxWal: number, walBound: number) {
  const early = looks.slice(0, Math.max(2, Math.ceil(looks.length / 5)));
  const most = (of: Look[], what: keyof Look): number => Math.max(...of.map((look) => look[what]));
  const memory = openRow('memory does not keep growing');
  memory.tried();
  const [first, last] = [most(early, 'rssMb'), most(looks, 'rssMb')];
  if (last > first * MEMORY_GROWTH) memory.fail(`${Math.round(first)} MB, then ${Math.round(last)}`);
  const handles = openRow('the number of open files does not keep growing');
  handles.tried();
  const [few, many] = [most(early, 'handles'), looks.at(-1)?.handles ?? Infinity];
  if (many > few + HANDLES_MORE) handles.fail(`${few}, then ${many}`);
  const wal = openRow('the write-ahead log stays limited while a reader holds each snapshot for 20 seconds');
  wal.tried();
  if (maxWal * 1024 * 1024 > walBound) wal.fail(`${Math.round(maxWal)} MiB`);
  return [
    memory.row(`${Math.round(first)} MB in the first fifth, ${Math.round(last)} at most`),
    handles.row(`${few} in the first fifth, ${many} at the end`),
    wal.row(`${Math.round(maxWal)} MiB at most; the limit is ${Math.round(walBound / 1024 / 1024)}`),
  ];
}

function lookAt({ pid }: Service, data: string): Look {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    rssMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024,
    handles: readdirSync(`/proc/${pid}/fd`).length,
    walMb: statSync(join(data, 'ledger.db-wal')).size / 1024 / 1024,
  };
}

/** Opens one long snapshot after another, as backups and verifications do. */
async function readOn(data: string, signal: AbortSignal): Promise<void> {
  const reader = new Database(ledgerIn(data), { readonly: true });
  const look = reader.prepare('SELECT size FROM tree_head');
  try {
    while (!signal.aborted) {
      reader.exec('BEGIN');
      look.get();
      await pause(SNAPSHOT_MS, undefined, { signal }).catch(() => {});
      reader.exec('COMMIT');
      await pause(GAP_MS);
    }
  } finally {
    reader.close();
  }
}

const SNAPSHOT_MS = 20_000;
/** The time in ms between two exports. */
const GAP_MS = 1000;

/** Makes exports and labels of the newest units. Returns the number of files that were made. */
async function office(service: Service, data: string, signal: AbortSignal): Promise<number> {
  let made = 0;
  for (let since = 0; !signal.aborted;) {
    const answer = await fetch(`${service.url}/v1/ledger.csv?since=${since}`, { headers: headersOf(data) });
    await answer.arrayBuffer();
    if (answer.ok) made++;
    since = Number(answer.headers.get('claimstamp-tree-size') ?? since);
    const { units } = (await service.api<{ units: { uci: string }[] }>('GET', `/v1/units?limit=100`)).body;
    const labels = await service.api('POST', '/v1/labels', { units: units.map(({ uci }) => uci), format: 'zpl' });
    if (labels.status === 200) made++;
    await pause(200);
  }
  return made;
}

function headersOf(data: string): Record<string, string> {
  const { token } = JSON.parse(readFileSync(join(data, 'serve.json'), 'utf8')) as { token: string };
  return { authorization: `Bearer ${token}` };
}
