-- Tokens of printers whose labels a print agent prints. SQLite cannot change a CHECK, so the table is made again.

CREATE TABLE credential_new (
  id            INTEGER PRIMARY KEY,
  hash          BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),   -- SHA-256 of the secret
  kind          TEXT NOT NULL CHECK (kind IN ('station-key', 'token', 'session', 'link', 'hold-code', 'printer-token')),
  name          TEXT NOT NULL,                                    -- of a station, a token, a person, a code or a printer
  role          TEXT CHECK (role IN ('operator', 'lead', 'qa', 'auditor', 'admin', 'service')),
  scopes        TEXT CHECK (json_valid(scopes)),
  kiosk         INTEGER NOT NULL DEFAULT 0 CHECK (kiosk IN (0, 1)),
  at            INTEGER NOT NULL,
  expires_at    INTEGER,
  used_at       INTEGER,
  revoked_at    INTEGER,
  operator      TEXT,
  operator_at   INTEGER,
  products      TEXT CHECK (json_valid(products)),
  nonce         TEXT CHECK (length(nonce) = 64),
  session_until INTEGER,
  source        TEXT,
  confirmed_at  INTEGER
) STRICT;
INSERT INTO credential_new (id, hash, kind, name, role, scopes, kiosk, at, expires_at, used_at, revoked_at, operator,
    operator_at, products, nonce, session_until, source, confirmed_at)
  SELECT id, hash, kind, name, role, scopes, kiosk, at, expires_at, used_at, revoked_at, operator, operator_at, products,
    nonce, session_until, source, confirmed_at FROM credential;
DROP TABLE credential;
ALTER TABLE credential_new RENAME TO credential;
CREATE INDEX credential_name ON credential (kind, name);
CREATE UNIQUE INDEX credential_token ON credential (name) WHERE kind = 'token';
