-- Each return of a unit (RMA), so that the units of an RMA are found by index. Derived from events.

CREATE TABLE unit_return (
  seq   INTEGER PRIMARY KEY,               -- the event that received the unit
  rma   TEXT NOT NULL,
  unit  INTEGER NOT NULL,
  ended TEXT                               -- how the return ended; NULL while it is open
) STRICT;
CREATE INDEX unit_return_rma ON unit_return (rma, seq);
CREATE INDEX unit_return_open ON unit_return (rma) WHERE ended IS NULL;
