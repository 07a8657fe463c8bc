-- Shipping lists, and the units that gates put on them: projections of events.

CREATE TABLE shipping_list (
  id       INTEGER PRIMARY KEY,
  name     TEXT NOT NULL UNIQUE,
  settings TEXT NOT NULL CHECK (json_valid(settings)),
  units    INTEGER NOT NULL CHECK (units >= 0)
) STRICT;

CREATE TABLE shipment (
  seq  INTEGER PRIMARY KEY,                -- the event that put the unit on the list
  list INTEGER NOT NULL REFERENCES shipping_list,
  unit INTEGER NOT NULL REFERENCES unit,
  at   INTEGER NOT NULL                    -- ms since 1970, UTC
) STRICT;
CREATE INDEX shipment_list ON shipment (list, seq);
