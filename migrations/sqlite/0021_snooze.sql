-- Forecasts that people do not want to see for a time: an ordinary table, not made from events. Times are ms since 1970, UTC.

CREATE TABLE snooze (
  code    TEXT NOT NULL,
  subject TEXT NOT NULL,
  level   TEXT NOT NULL,                    -- a higher level is shown all the same
  until   INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (code, subject)
) STRICT, WITHOUT ROWID;
