import type Database from 'better-sqlite3';
import type { Credential } from '../model/credential.ts';
import type { Kept, Seen } from '../decide/seen.ts';
import type { Permission } from '../model/role.ts';
import type { Person } from '../model/person.ts';

type KeptCredential = Extract<Kept, { table: 'credential' | 'dropped-credential' | 'person' }>;

/** Credentials and people: read by decisions and by who asks for entry, saved beside the events. */
export interface Credentials {
  seen: Pick<Seen, 'credential' | 'credentials' | 'person' | 'people'>;
  /** Of this kind, by name and age. */
  list: (kind: Credential['kind']) => Credential[];
  keep: (row: KeptCredential) => void;
}

const SELECT = `SELECT hash, kind, name, role, scopes, kiosk, at, expires_at AS expiresAt, used_at AS usedAt,
  revoked_at AS revokedAt, operator, operator_at AS operatorAt FROM credential`;
const SELECT_PERSON = `SELECT name, role, password, badge, at, removed_at AS removedAt FROM person`;

export function openCredentials(db: Database.Database): Credentials {
  const byHash = db.prepare(`${SELECT} WHERE hash = ?`);
  const byName = db.prepare(`${SELECT} WHERE kind = ? AND name = ? ORDER BY id`);
  const ofKind = db.prepare(`${SELECT} WHERE kind = ? ORDER BY name, id`);
  const person = db.prepare(`${SELECT_PERSON} WHERE name = ?`);
  const people = db.prepare(`${SELECT_PERSON} ORDER BY name`);
  const saveCredential = db.prepare(`INSERT INTO credential
      (hash, kind, name, role, scopes, kiosk, at, expires_at, used_at, revoked_at, operator, operator_at)
    VALUES (@hash, @kind, @name, @role, @scopes, @kiosk, @at, @expiresAt, @usedAt, @revokedAt, @operator, @operatorAt)
    ON CONFLICT (hash) DO UPDATE SET kind = excluded.kind, name = excluded.name, role = excluded.role,
      scopes = excluded.scopes, kiosk = excluded.kiosk, at = excluded.at, expires_at = excluded.expires_at,
      used_at = excluded.used_at, revoked_at = excluded.revoked_at, operator = excluded.operator,
      operator_at = excluded.operator_at`);
  const dropCredential = db.prepare(`DELETE FROM credential WHERE hash = ?`);
  const savePerson = db.prepare(`INSERT INTO person (name, role, password, badge, at, removed_at)
    VALUES (@name, @role, @password, @badge, @at, @removedAt)
    ON CONFLICT (name) DO UPDATE SET role = excluded.role, password = excluded.password, badge = excluded.badge,
      at = excluded.at, removed_at = excluded.removed_at`);
  const rows = (found: unknown[]): Credential[] => (found as CredentialRow[]).map(credentialFrom);

  return {
    seen: {
      credential: (hash) => rows([byHash.get(hash)].filter((row) => row !== undefined))[0],
      credentials: (kind, name) => rows(byName.all(kind, name)),
      person: (name) => personFrom(person.get(name)),
      people: () => people.all().map((row) => personFrom(row) as Person),
    },
    list: (kind) => rows(ofKind.all(kind)),
    keep(row) {
      if (row.table === 'person') savePerson.run({ password: null, badge: null, removedAt: null, ...row.person });
      else if (row.table === 'dropped-credential') dropCredential.run(row.hash);
      else saveCredential.run(rowOf(row.credential));
    },
  };
}

type CredentialRow = Record<keyof Credential, string | number | Uint8Array | null>;

function rowOf({ scopes, kiosk, ...credential }: Credential): Record<string, unknown> {
  const absent = { role: null, expiresAt: null, usedAt: null, revokedAt: null, operator: null, operatorAt: null };
  return { ...absent, ...credential, scopes: scopes ? JSON.stringify(scopes) : null, kiosk: kiosk ? 1 : 0 };
}

function credentialFrom({ scopes, kiosk, ...row }: CredentialRow): Credential {
  const credential = without(row) as unknown as Credential;
  if (typeof scopes === 'string') credential.scopes = JSON.parse(scopes) as Permission[];
  if (kiosk === 1) credential.kiosk = true;
  return credential;
}

function personFrom(row: unknown): Person | undefined {
  return row === undefined ? undefined : (without(row as object) as Person);
}

function without(row: object): object {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
}
