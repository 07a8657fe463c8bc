-- What labels were printed with. A render set is a projection of its event. The contents are ordinary rows: events have
-- their hashes.

CREATE TABLE render_set (
  number INTEGER PRIMARY KEY,                  -- counted from 1
  seq    INTEGER NOT NULL UNIQUE,              -- the event that recorded the set
  hash   TEXT NOT NULL UNIQUE                  -- SHA-256 of the set
) STRICT;

CREATE TABLE label_content (
  hash  TEXT PRIMARY KEY,                      -- SHA-256 of the bytes
  bytes BLOB NOT NULL
) STRICT;

ALTER TABLE print_job ADD COLUMN render_set INTEGER;
