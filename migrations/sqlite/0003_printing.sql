-- Printers and the jobs sent to them: projections of events.

ALTER TABLE unit ADD COLUMN labels INTEGER NOT NULL DEFAULT 0 CHECK (labels >= 0);

CREATE TABLE printer (
  id       INTEGER PRIMARY KEY,
  name     TEXT NOT NULL UNIQUE,
  settings TEXT NOT NULL CHECK (json_valid(settings))
) STRICT;

CREATE TABLE print_job (
  id         INTEGER PRIMARY KEY,          -- seq of the event that queued it
  unit       INTEGER NOT NULL REFERENCES unit,
  printer    INTEGER NOT NULL REFERENCES printer,
  station    INTEGER REFERENCES station,
  state      TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'done', 'failed', 'unknown', 'cancelled')),
  reason     TEXT,
  copies     INTEGER NOT NULL CHECK (copies > 0),
  first_copy INTEGER NOT NULL CHECK (first_copy > 0),
  reprint    TEXT,
  at         INTEGER NOT NULL
) STRICT;
CREATE INDEX print_job_open ON print_job (printer, id) WHERE state IN ('queued', 'sending');
