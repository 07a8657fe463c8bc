-- The roles lead and auditor, and the codes with which a lead ends a hold. SQLite cannot change a CHECK, so both tables
-- are made again. `ends` is the last day of an auditor, `products` is the JSON list of the products an auditor may see.

CREATE TABLE credential_new (
  id          INTEGER PRIMARY KEY,
  hash        BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),   -- SHA-256 of the secret
  kind        TEXT NOT NULL CHECK (kind IN ('station-key', 'token', 'session', 'link', 'hold-code')),
  name        TEXT NOT NULL,                                    -- of a station, a token, a person or a code
  role        TEXT CHECK (role IN ('operator', 'lead', 'qa', 'auditor', 'admin', 'service')),
  scopes      TEXT CHECK (json_valid(scopes)),
  kiosk       INTEGER NOT NULL DEFAULT 0 CHECK (kiosk IN (0, 1)),
  at          INTEGER NOT NULL,
  expires_at  INTEGER,
  used_at     INTEGER,
  revoked_at  INTEGER,
  operator    TEXT,
  operator_at INTEGER,
  products    TEXT CHECK (json_valid(products))
) STRICT;
INSERT INTO credential_new (id, hash, kind, name, role, scopes, kiosk, at, expires_at, used_at, revoked_at, operator, operator_at)
  SELECT id, hash, kind, name, role, scopes, kiosk, at, expires_at, used_at, revoked_at, operator, operator_at FROM credential;
DROP TABLE credential;
ALTER TABLE credential_new RENAME TO credential;
CREATE INDEX credential_name ON credential (kind, name);
CREATE UNIQUE INDEX credential_token ON credential (name) WHERE kind = 'token';

CREATE TABLE person_new (
  name       TEXT PRIMARY KEY,
  role       TEXT NOT NULL CHECK (role IN ('operator', 'lead', 'qa', 'auditor', 'admin')),
  password   TEXT,                                             -- salted hash with its parameters
  badge      TEXT,
  ends       TEXT,
  products   TEXT CHECK (json_valid(products)),
  at         INTEGER NOT NULL,
  removed_at INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO person_new (name, role, password, badge, at, removed_at)
  SELECT name, role, password, badge, at, removed_at FROM person;
DROP TABLE person;
ALTER TABLE person_new RENAME TO person;
CREATE UNIQUE INDEX person_badge ON person (badge) WHERE badge IS NOT NULL;
