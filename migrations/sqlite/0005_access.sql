-- Who may do what. Ordinary tables: not events, and not rebuilt from them. Times are ms since 1970, UTC.

CREATE TABLE credential (
  id         INTEGER PRIMARY KEY,
  hash       BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),   -- SHA-256 of the secret
  kind       TEXT NOT NULL CHECK (kind IN ('station-key', 'token', 'session', 'link')),
  name       TEXT NOT NULL,                                    -- of a station, a token or a person
  role       TEXT CHECK (role IN ('operator', 'qa', 'admin', 'service')),
  scopes     TEXT CHECK (json_valid(scopes)),
  kiosk      INTEGER NOT NULL DEFAULT 0 CHECK (kiosk IN (0, 1)),
  at         INTEGER NOT NULL,
  expires_at INTEGER,
  used_at    INTEGER,
  revoked_at INTEGER
) STRICT;
CREATE INDEX credential_name ON credential (kind, name);
CREATE UNIQUE INDEX credential_token ON credential (name) WHERE kind = 'token';

INSERT INTO credential (hash, kind, name, at)
  SELECT hash, 'station-key', station.name, 0 FROM station_key JOIN station ON station.id = station_key.station;
DROP TABLE station_key;

CREATE TABLE person (
  name       TEXT PRIMARY KEY,
  role       TEXT NOT NULL CHECK (role IN ('operator', 'qa', 'admin')),
  password   TEXT,                                             -- salted hash with its parameters
  at         INTEGER NOT NULL,
  removed_at INTEGER
) STRICT, WITHOUT ROWID;

-- Requests that name an Idempotency-Key: what each was and what it was answered.
CREATE TABLE once (
  id          INTEGER PRIMARY KEY,
  key         BLOB NOT NULL UNIQUE CHECK (length(key) = 32),   -- SHA-256 of who asked and the key
  fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),  -- SHA-256 of the request
  answer      TEXT NOT NULL CHECK (json_valid(answer)),
  at          INTEGER NOT NULL
) STRICT;
