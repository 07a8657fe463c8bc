-- The revisions of label templates: a projection of events. The event has the source.

CREATE TABLE label_revision (
  seq      INTEGER PRIMARY KEY,                -- the event that saved the revision
  name     TEXT NOT NULL,
  revision INTEGER NOT NULL CHECK (revision >= 1),
  hash     TEXT NOT NULL,                      -- SHA-256 of the source
  UNIQUE (name, revision)
) STRICT;
