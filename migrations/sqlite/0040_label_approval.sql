-- The revisions of label templates that are approved: a projection of events.

CREATE TABLE label_approval (
  name     TEXT NOT NULL,
  revision INTEGER NOT NULL,
  seq      INTEGER NOT NULL,                   -- the event that approved the revision
  PRIMARY KEY (name, revision)
) STRICT, WITHOUT ROWID;
