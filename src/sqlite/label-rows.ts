import type Database from 'better-sqlite3';
import type { TemplatePage } from '../contract/ledger.ts';
import type { Row, Seen } from '../decide/seen.ts';
import { readEvent } from '../model/event-check.ts';
import { isLogoKey, logoKey, type LogoRevision, type SavedLogo } from '../model/labels/saved-logo.ts';
import {
  isRemoved,
  type Approval,
  type ApprovalRequest,
  type SavedTemplate,
  type TemplateRevision,
} from '../model/labels/saved-template.ts';
import { existing } from './existing.ts';

type RevisionRow = Extract<Row, { table: 'label-revision' }>;
type ApprovalRow = Extract<Row, { table: 'label-approval' }>;
type DroppedRow = Extract<Row, { table: 'dropped-label-approval' }>;
type SetRow = Extract<Row, { table: 'render-set' }>;

export function labelSavers(db: Database.Database): {
  'label-revision': (row: RevisionRow) => void;
  'render-set': (row: SetRow) => void;
  'label-approval': (row: ApprovalRow) => void;
  'dropped-label-approval': (row: DroppedRow) => void;
} {
  const insert = db.prepare(`INSERT INTO label_revision (seq, name, revision, hash) VALUES (?, ?, ?, ?)`);
  const insertSet = db.prepare(`INSERT INTO render_set (number, seq, hash) VALUES (?, ?, ?)`);
  const approve = db.prepare(`INSERT INTO label_approval (name, revision, seq) VALUES (?, ?, ?)`);
  const drop = db.prepare(`DELETE FROM label_approval WHERE name = ? AND revision = ?`);
  return {
    'label-approval': ({ name, revision, seq }) => void approve.run(name, revision, seq),
    'dropped-label-approval': ({ name, revision }) => void drop.run(name, revision),
    'label-revision': ({ seq, name, revision, hash }) => void insert.run(seq, name, revision, hash),
    'render-set': ({ number, seq, hash }) => void insertSet.run(number, seq, hash),
  };
}

/** Each look-up uses an index. So printing does not become slower with more revisions. */
export interface LabelRows {
  /** Returns the newest revision of a template. If the template was removed, returns the removal. */
  newest: Seen['template'];
  seen: Pick<Seen, 'templateRevision' | 'approvedRevisions'>;
  /** Returns the approved revision with the highest number. */
  approved: (name: string) => SavedTemplate | undefined;
  /** Returns the approvals of a template, newest revision first. */
  approvals: (name: string) => Approval[];
  /** Returns the newest request for approval of each template, if neither its revision nor a later one is approved. */
  approvalRequests: () => ApprovalRequest[];
  template: (name: string, revision?: number) => SavedTemplate | undefined;
  /** Returns the newest revision of each template, sorted by name. */
  templates: () => TemplateRevision[];
  logo: (name: string, revision?: number) => SavedLogo | undefined;
  /** Returns the newest revision of each uploaded logo, sorted by name. */
  logos: () => LogoRevision[];
  /** Returns the revisions before `before`, newest first. */
  revisions: (page: TemplatePage) => TemplateRevision[];
}

export function openLabelRows(db: Database.Database): LabelRows {
  const newest = db.prepare<[string], { revision: number; hash: string; seq: number }>(
    `SELECT revision, hash, seq FROM label_revision WHERE name = ? ORDER BY revision DESC LIMIT 1`,
  );
  const one = db
    .prepare<[string, number], number>(`SELECT seq FROM label_revision WHERE name = ? AND revision = ? AND hash <> ''`)
    .pluck();
  const all = db.prepare<[], { seq: number; name: string }>(
    `SELECT seq, name FROM label_revision JOIN (SELECT name, max(revision) AS revision FROM label_revision GROUP BY name)
     USING (name, revision) WHERE hash <> '' ORDER BY name`,
  );
  const page = db
    .prepare<[string, number, number], number>(
      `SELECT seq FROM label_revision WHERE name = ? AND revision < ? AND hash <> '' ORDER BY revision DESC LIMIT ?`,
    )
    .pluck();
  const line = db.prepare<[number], string>(`SELECT line FROM event WHERE seq = ?`).pluck();
  const savedAt = (seq: number): SavedTemplate => {
    const event = readEvent(existing(line.get(seq)));
    if (event.type !== 'template-saved') throw new Error(`event ${seq} does not save a label template`);
    const { name, revision, hash, note, source } = event.data;
    return { name, revision, hash, seq, at: event.at, by: event.actor, note, source };
  };
  const seqOf = (key: string, revision: number | undefined): number | undefined => {
    if (revision !== undefined) return one.get(key, revision);
    const last = newest.get(key);
    return last === undefined || isRemoved(last) ? undefined : last.seq;
  };
  const newestOf = (isKind: (key: string) => boolean): number[] =>
    all
      .all()
      .filter(({ name }) => isKind(name))
      .map(({ seq }) => seq);
  const withoutSource = (seq: number): TemplateRevision => {
    const { source: _source, ...revision } = savedAt(seq);
    return revision;
  };
  const template = (name: string, revision?: number): SavedTemplate | undefined => {
    const seq = seqOf(name, revision);
    return seq === undefined ? undefined : savedAt(seq);
  };
  return {
    newest: (name) => newest.get(name),
    template,
    ...approvalRows(db, { template, lineAt: (seq) => existing(line.get(seq)) }),
    templates: () => newestOf((key) => !isLogoKey(key)).map(withoutSource),
    ...logoRows({ seqOf, seqs: () => newestOf(isLogoKey), lineAt: (seq) => existing(line.get(seq)) }),
    revisions: ({ name, before, limit }) => page.all(name, before, limit).map(withoutSource),
  };
}

/** The approvals of revisions, and the requests for them. */
function approvalRows(
  db: Database.Database,
  { template, lineAt }: { template: LabelRows['template']; lineAt: (seq: number) => string },
): Pick<LabelRows, 'seen' | 'approved' | 'approvals' | 'approvalRequests'> {
  const approved = db
    .prepare<[string], number>(`SELECT revision FROM label_approval WHERE name = ? ORDER BY revision`)
    .pluck();
  const approvedAt = db
    .prepare<[string], number>(`SELECT seq FROM label_approval WHERE name = ? ORDER BY revision DESC`)
    .pluck();
  const lastApproved = db
    .prepare<[string], number>(`SELECT revision FROM label_approval WHERE name = ? ORDER BY revision DESC LIMIT 1`)
    .pluck();
  const requested = db
    .prepare<[], number>(
      `SELECT max(seq) FROM label_approval WHERE name BETWEEN 'asked/' AND 'asked/~' GROUP BY name ORDER BY name`,
    )
    .pluck();
  return {
    seen: { templateRevision: template, approvedRevisions: (name) => approved.all(name) },
    approved(name) {
      const revision = lastApproved.get(name);
      return revision === undefined ? undefined : template(name, revision);
    },
    approvals: (name) => approvedAt.all(name).map((seq) => approvalIn(lineAt(seq))),
    approvalRequests: () =>
      requested
        .all()
        .map((seq) => requestIn(lineAt(seq)))
        .filter(
          ({ name, revision }) => (lastApproved.get(name) ?? 0) < revision && template(name, revision) !== undefined,
        ),
  };
}

interface LogoReads {
  seqOf: (key: string, revision: number | undefined) => number | undefined;
  /** Returns the events that saved the newest revisions. */
  seqs: () => number[];
  lineAt: (seq: number) => string;
}

function logoRows({ seqOf, seqs, lineAt }: LogoReads): Pick<LabelRows, 'logo' | 'logos'> {
  const logoAt = (seq: number): SavedLogo => {
    const event = readEvent(lineAt(seq));
    if (event.type !== 'logo-saved') throw new Error(`event ${seq} does not save a logo`);
    const bytes = Buffer.byteLength(event.data.png, 'base64');
    return { ...event.data, bytes, seq, at: event.at, by: event.actor };
  };
  return {
    logo(name, revision) {
      const seq = seqOf(logoKey(name), revision);
      return seq === undefined ? undefined : logoAt(seq);
    },
    logos: () =>
      seqs().map((seq) => {
        const { png: _png, ...revision } = logoAt(seq);
        return revision;
      }),
  };
}

function approvalIn(line: string): Approval {
  const event = readEvent(line);
  if (event.type !== 'template-approved') throw new Error(`event ${event.seq} does not approve a label template`);
  const { revision, note } = event.data;
  return { revision, seq: event.seq, at: event.at, by: event.actor, note };
}

function requestIn(line: string): ApprovalRequest {
  const event = readEvent(line);
  if (event.type !== 'template-approval-asked') throw new Error(`event ${event.seq} does not ask for an approval`);
  const { name, revision, note } = event.data;
  return { name, revision, seq: event.seq, at: event.at, by: event.actor, note };
}
