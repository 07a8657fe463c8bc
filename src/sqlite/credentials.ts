import type Database from 'better-sqlite3';
import type { AccessRow } from '../model/access.ts';
import type { Credential } from '../model/credential.ts';
import type { Kept, Seen } from '../decide/seen.ts';
import type { Person } from '../model/person.ts';

type KeptCredential = Extract<Kept, { table: 'credential' | 'dropped-credential' | 'person' }>;

/**
 * The credentials and people in the ledger, as decisions and sign-ins read them. The rows of credentials and people are
 * not made from events.
 */
export interface Credentials {
  seen: Pick<
    Seen,
    'credential' | 'credentials' | 'person' | 'people' | 'access' | 'nonce' | 'committedAt' | 'accessCovered'
  >;
  /** All credentials of one kind, sorted by name and then by age. */
  list: (kind: Credential['kind']) => Credential[];
  keep: (row: KeptCredential) => void;
}

const SELECT = `SELECT hash, kind, name, role, scopes, kiosk, at, expires_at AS expiresAt, used_at AS usedAt,
  revoked_at AS revokedAt, operator, operator_at AS operatorAt, session_until AS sessionUntil, source,
  confirmed_at AS confirmedAt, issuer_session AS issuerSession FROM credential`;
const SELECT_PERSON = `SELECT name, role, password, badge, ends, products, issuer, subject, at,
  removed_at AS removedAt FROM person`;

export function openCredentials(db: Database.Database): Credentials {
  const byHash = db.prepare<[Uint8Array], CredentialRow>(`${SELECT} WHERE hash = ?`);
  const byName = db.prepare<[string, string], CredentialRow>(`${SELECT} WHERE kind = ? AND name = ? ORDER BY id`);
  const ofKind = db.prepare<[string], CredentialRow>(`${SELECT} WHERE kind = ? ORDER BY name, id`);
  const person = db.prepare<[string], PersonRow>(`${SELECT_PERSON} WHERE name = ?`);
  const people = db.prepare<[], PersonRow>(`${SELECT_PERSON} ORDER BY name`);
  const all = db.prepare<[], CredentialRow>(`${SELECT} ORDER BY id`);
  const nonce = db.prepare<[Uint8Array], string | null>(`SELECT nonce FROM credential WHERE hash = ?`).pluck();
  const personNonce = db.prepare<[string], string | null>(`SELECT nonce FROM person WHERE name = ?`).pluck();
  const saveCredential = db.prepare(`INSERT INTO credential
      (hash, kind, name, role, scopes, kiosk, at, expires_at, used_at, revoked_at, operator, operator_at, source,
        confirmed_at, session_until, issuer_session, nonce)
    VALUES (@hash, @kind, @name, @role, @scopes, @kiosk, @at, @expiresAt, @usedAt, @revokedAt, @operator, @operatorAt,
      @source, @confirmedAt, @sessionUntil, @issuerSession, @nonce)
    ON CONFLICT (hash) DO UPDATE SET kind = excluded.kind, name = excluded.name, role = excluded.role,
      scopes = excluded.scopes, kiosk = excluded.kiosk, at = excluded.at, expires_at = excluded.expires_at,
      used_at = excluded.used_at, revoked_at = excluded.revoked_at, operator = excluded.operator,
      operator_at = excluded.operator_at, source = excluded.source, confirmed_at = excluded.confirmed_at,
      session_until = excluded.session_until, issuer_session = excluded.issuer_session, nonce = excluded.nonce`);
  const dropCredential = db.prepare(`DELETE FROM credential WHERE hash = ?`);
  const savePerson = db.prepare(`INSERT INTO person
      (name, role, password, badge, ends, products, issuer, subject, at, removed_at, nonce)
    VALUES (@name, @role, @password, @badge, @ends, @products, @issuer, @subject, @at, @removedAt, @nonce)
    ON CONFLICT (name) DO UPDATE SET role = excluded.role, password = excluded.password, badge = excluded.badge,
      ends = excluded.ends, products = excluded.products, issuer = excluded.issuer, subject = excluded.subject, at = excluded.at, removed_at = excluded.removed_at, nonce = excluded.nonce`);
  const committedAt = db.prepare<[string], number>(`SELECT seq FROM access WHERE commitment = ?`).pluck();
  const accessCovered = db.prepare<[], number>(`SELECT seq FROM access_covered`).pluck();
  const nonceOf = (row: AccessRow): string | undefined =>
    (row.table === 'person' ? personNonce.get(row.person.name) : nonce.get(row.credential.hash)) ?? undefined;
  const withNonce = (row: AccessRow): AccessRow => {
    const kept = nonceOf(row);
    return kept === undefined ? row : { ...row, nonce: kept };
  };

  return {
    seen: {
      credential: (hash) => {
        const row = byHash.get(hash);
        return row && credentialFrom(row);
      },
      credentials: (kind, name) => byName.all(kind, name).map(credentialFrom),
      person: (name) => {
        const row = person.get(name);
        return row && personFrom(row);
      },
      people: () => people.all().map(personFrom),
      access: () => [
        ...all.all().map((row) => withNonce({ table: 'credential', credential: credentialFrom(row) })),
        ...people.all().map((row) => withNonce({ table: 'person', person: personFrom(row) })),
      ],
      nonce: nonceOf,
      committedAt: (commitment) => committedAt.get(commitment),
      accessCovered: () => accessCovered.get(),
    },
    list: (kind) => ofKind.all(kind).map(credentialFrom),
    keep(row) {
      if (row.table === 'dropped-credential') return void dropCredential.run(row.hash);
      const { nonce: kept = null } = row;
      if (row.table === 'credential') saveCredential.run({ ...rowOf(row.credential), nonce: kept });
      else savePerson.run({ ...personRow(row.person), nonce: kept });
    },
  };
}

type PersonRow = { [K in keyof Omit<Person, 'products'>]: Person[K] | null } & { products: string | null };
type CredentialRow = { [K in keyof Omit<Credential, 'scopes' | 'kiosk'>]: Credential[K] | null } & {
  scopes: string | null;
  kiosk: 0 | 1;
};

const ABSENT = {
  role: null,
  expiresAt: null,
  usedAt: null,
  revokedAt: null,
  operator: null,
  operatorAt: null,
  source: null,
  confirmedAt: null,
  sessionUntil: null,
  issuerSession: null,
};

function rowOf({ scopes, kiosk, ...credential }: Credential): Record<string, unknown> {
  return { ...ABSENT, ...credential, scopes: scopes ? JSON.stringify(scopes) : null, kiosk: kiosk ? 1 : 0 };
}

function personRow({ products, ...person }: Person): Record<string, unknown> {
  const absent = { password: null, badge: null, ends: null, issuer: null, subject: null, removedAt: null };
  return { ...absent, ...person, products: products ? JSON.stringify(products) : null };
}

function personFrom({ products, ...row }: PersonRow): Person {
  const person: Person = withoutNulls(row);
  if (products !== null) person.products = JSON.parse(products);
  return person;
}

function credentialFrom({ scopes, kiosk, ...row }: CredentialRow): Credential {
  const credential: Credential = withoutNulls(row);
  if (scopes !== null) credential.scopes = JSON.parse(scopes);
  if (kiosk === 1) credential.kiosk = true;
  return credential;
}

/** Removes the members of a row that are NULL. Members that must always be present have columns that are NOT NULL. */
function withoutNulls<T extends object>(row: { [K in keyof T]: T[K] | null }): T {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as T;
}
