-- A product without units can be removed. It keeps its row, so that the numbers of the other rows stay as they are.

ALTER TABLE product ADD COLUMN used INTEGER NOT NULL DEFAULT 0 CHECK (used IN (0, 1));       -- has or had a unit
ALTER TABLE product ADD COLUMN removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1));
UPDATE product SET used = 1 WHERE id IN (SELECT DISTINCT product FROM unit);
CREATE INDEX product_kept ON product (id) WHERE removed = 0;

-- Ordinary tables: not events, and not rebuilt from them. Times are ms since 1970, UTC.

-- When something that changes the behaviour was first known to this ledger, and whether the ledger was in use before.
CREATE TABLE introduced (
  what     TEXT PRIMARY KEY,
  at       INTEGER NOT NULL,
  upgraded INTEGER NOT NULL CHECK (upgraded IN (0, 1))
) STRICT, WITHOUT ROWID;

-- How many products agents of one source have added on the last day on which they added any (days since 1970, UTC).
CREATE TABLE invented (
  source TEXT PRIMARY KEY,
  day    INTEGER NOT NULL,
  count  INTEGER NOT NULL CHECK (count > 0)
) STRICT, WITHOUT ROWID;

-- From where a unit's device asked, if it has asked from more than one source.
CREATE TABLE sighting (
  unit           INTEGER PRIMARY KEY REFERENCES unit,
  source         TEXT NOT NULL,
  station        TEXT NOT NULL,
  former_source  TEXT NOT NULL,             -- before the last change
  former_station TEXT NOT NULL,
  changed_at     INTEGER NOT NULL,
  changes        INTEGER NOT NULL CHECK (changes >= 0),
  noted_day      INTEGER NOT NULL,          -- of the last event about a change, in days since 1970
  alarm_day      INTEGER NOT NULL           -- of the last alarm, or -1
) STRICT;
