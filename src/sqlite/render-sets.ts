import type Database from 'better-sqlite3';
import type { Kept, Seen } from '../decide/seen.ts';
import { checkedSets, setIn, type SetsChecked } from '../contract/printed.ts';
import { sha256, type KeptSet } from '../model/labels/render-set.ts';
import type { Findings } from '../proof/verification.ts';
import { existing } from './existing.ts';

type Content = Extract<Kept, { table: 'label-content' }>;

/** Reads the render sets with which labels were printed. Each look-up uses an index. */
export interface RenderSets {
  seen: Pick<Seen, 'renderSet' | 'lastRenderSet' | 'hasLabelContent'>;
  find: (by: { number: number } | { hash: string }) => KeptSet | undefined;
  all: () => KeptSet[];
  keep: (row: Content) => void;
  content: (hash: string) => Uint8Array | undefined;
  contents: () => Content[];
}

export function openRenderSets(db: Database.Database): RenderSets {
  const byHash = db.prepare<[string], number>(`SELECT number FROM render_set WHERE hash = ?`).pluck();
  const last = db.prepare<[], number>(`SELECT coalesce(max(number), 0) FROM render_set`).pluck();
  const lineOf = `SELECT line FROM event WHERE seq = (SELECT seq FROM render_set WHERE`;
  const lineByHash = db.prepare<[string], string>(`${lineOf} hash = ?)`).pluck();
  const lineByNumber = db.prepare<[number], string>(`${lineOf} number = ?)`).pluck();
  const seqs = db.prepare<[], number>(`SELECT seq FROM render_set ORDER BY number`).pluck();
  const line = db.prepare<[number], string>(`SELECT line FROM event WHERE seq = ?`).pluck();
  const save = db.prepare(`INSERT INTO label_content (hash, bytes) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING`);
  const isKept = db.prepare<[string], number>(`SELECT 1 FROM label_content WHERE hash = ?`).pluck();
  const bytes = db.prepare<[string], Uint8Array>(`SELECT bytes FROM label_content WHERE hash = ?`).pluck();
  const all = db.prepare<[], { hash: string; bytes: Uint8Array }>(`SELECT hash, bytes FROM label_content`);
  return {
    seen: {
      renderSet: (hash) => byHash.get(hash),
      lastRenderSet: () => existing(last.get()),
      hasLabelContent: (hash) => isKept.get(hash) !== undefined,
    },
    find(by) {
      const found = 'hash' in by ? lineByHash.get(by.hash) : lineByNumber.get(by.number);
      return found === undefined ? undefined : setIn(found);
    },
    all: () => seqs.all().map((seq) => setIn(existing(line.get(seq)))),
    keep: (row) => void save.run(row.hash, row.bytes),
    content: (hash) => bytes.get(hash),
    contents: () => all.all().map((row): Content => ({ table: 'label-content', ...row })),
  };
}

/**
 * Checks the contents in a ledger file. Reports content that was changed. Does not report missing content, because a
 * ledger that was restored from a backup and from lines has no content for the sets in the lines.
 */
export function checkContents(db: Database.Database, findings: Findings): SetsChecked {
  const kept = new Set<string>();
  const hashes = db.prepare<[], string>(`SELECT hash FROM label_content`).pluck().all();
  const rows = openRenderSets(db);
  for (const hash of hashes) {
    const bytes = rows.content(hash);
    if (bytes !== undefined && sha256(bytes) === hash) kept.add(hash);
    else findings.add({ what: `label_content ${hash.slice(0, 12)} was changed`, table: 'label_content' });
  }
  return checkedSets(rows.all(), kept);
}
