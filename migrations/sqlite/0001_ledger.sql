-- The ledger: an append-only sequence of lines, the tree over it, and what follows from the lines.

CREATE TABLE event (
  seq  INTEGER PRIMARY KEY CHECK (seq > 0),
  line TEXT NOT NULL,
  leaf BLOB NOT NULL CHECK (length(leaf) = 32),
  prev INTEGER CHECK (prev < seq)          -- the same unit's event before this one
) STRICT;

CREATE TRIGGER event_is_kept BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
CREATE TRIGGER event_stays BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;

-- One row: how many leaves the tree has, and the roots of its perfect subtrees (RFC 6962), largest first.
CREATE TABLE tree_head (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  size  INTEGER NOT NULL CHECK (size >= 0),
  range BLOB NOT NULL CHECK (length(range) % 32 = 0)
) STRICT;
INSERT INTO tree_head (one, size, range) VALUES (1, 0, x'');
CREATE TRIGGER tree_head_grows BEFORE UPDATE ON tree_head WHEN NEW.size < OLD.size BEGIN SELECT RAISE(ABORT, 'the tree never shrinks'); END;
CREATE TRIGGER tree_head_is_kept BEFORE DELETE ON tree_head BEGIN SELECT RAISE(ABORT, 'the tree head is never deleted'); END;

-- Projections. Times are ms since 1970, UTC.

CREATE TABLE product (
  id       INTEGER PRIMARY KEY,
  name     TEXT NOT NULL UNIQUE,           -- the vendor's product id
  settings TEXT NOT NULL CHECK (json_valid(settings))
) STRICT;

CREATE TABLE work_order (
  id       INTEGER PRIMARY KEY,
  name     TEXT NOT NULL UNIQUE,
  settings TEXT NOT NULL CHECK (json_valid(settings)),
  units    INTEGER NOT NULL CHECK (units >= 0)
) STRICT;

CREATE TABLE station (
  id       INTEGER PRIMARY KEY,
  name     TEXT NOT NULL UNIQUE,
  settings TEXT NOT NULL CHECK (json_valid(settings)),
  nest     TEXT NOT NULL CHECK (json_valid(nest))      -- what is armed and what the slot holds
) STRICT;

CREATE TABLE reservation (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE unit (
  id            INTEGER PRIMARY KEY,       -- seq of the event that made it
  uci           TEXT NOT NULL UNIQUE CHECK (length(uci) BETWEEN 10 AND 20),
  product       INTEGER NOT NULL REFERENCES product,
  serial        TEXT,
  station       INTEGER REFERENCES station,
  work_order    INTEGER REFERENCES work_order,
  reservation   INTEGER REFERENCES reservation,
  issued_seq    INTEGER,                   -- the event that holds the agent's body
  last_seq      INTEGER NOT NULL,
  reserved_at   INTEGER,
  issued_at     INTEGER,
  printed_at    INTEGER,
  verified_at   INTEGER,
  reported_at   INTEGER,
  registered_at INTEGER,
  void_at       INTEGER,
  scrapped_at   INTEGER
) STRICT;

-- A void unit's S/N goes with its identity to the device's next unit.
CREATE UNIQUE INDEX unit_serial ON unit (product, serial) WHERE serial IS NOT NULL AND void_at IS NULL;
CREATE TRIGGER unit_is_kept BEFORE DELETE ON unit BEGIN SELECT RAISE(ABORT, 'units are never deleted'); END;
CREATE TRIGGER unit_keeps_its_id BEFORE UPDATE OF uci, product ON unit WHEN NEW.uci <> OLD.uci OR NEW.product <> OLD.product
  BEGIN SELECT RAISE(ABORT, 'a unit keeps its Claim ID and its product'); END;

CREATE TABLE identity (
  product  INTEGER NOT NULL REFERENCES product,
  property TEXT NOT NULL,
  value    TEXT NOT NULL,
  unit     INTEGER NOT NULL REFERENCES unit,
  PRIMARY KEY (product, property, value)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX identity_unit ON identity (unit, property);

CREATE TABLE serial_counter (
  product INTEGER NOT NULL REFERENCES product,
  prefix  TEXT NOT NULL,
  last    INTEGER NOT NULL CHECK (last >= 0),
  PRIMARY KEY (product, prefix)
) STRICT, WITHOUT ROWID;

-- Ordinary tables: not events, and not rebuilt from them.

CREATE TABLE station_key (
  hash    BLOB PRIMARY KEY CHECK (length(hash) = 32),
  station INTEGER NOT NULL UNIQUE REFERENCES station
) STRICT, WITHOUT ROWID;

CREATE TABLE repeat (
  unit    INTEGER PRIMARY KEY REFERENCES unit,
  count   INTEGER NOT NULL CHECK (count > 0),
  last_at INTEGER NOT NULL
) STRICT;

CREATE TABLE probe (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  at  INTEGER NOT NULL
) STRICT;
