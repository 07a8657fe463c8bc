-- An import in parts (src/decide/imports/import-parts.ts): ordinary tables, not made from events.

CREATE TABLE import (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  row TEXT NOT NULL                         -- JSON: the last import; it may have ended
) STRICT;

CREATE TABLE import_part (
  part  INTEGER PRIMARY KEY,                -- parts are recorded in this order
  units TEXT NOT NULL                       -- JSON
) STRICT;

CREATE TABLE claimed (
  what    TEXT NOT NULL,                    -- 'uci', 'serial', or 'identity' with the property
  product TEXT NOT NULL,                    -- '' for a Claim ID
  value   TEXT NOT NULL,
  part    INTEGER NOT NULL,                 -- the last part that needs it
  PRIMARY KEY (what, product, value)
) STRICT, WITHOUT ROWID;
