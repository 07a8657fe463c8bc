-- The issued units that wait for a scan, or that were made as a file: 2 with a label that was not scanned, 1 made as a file
-- (src/sqlite/exception-rows.ts). Units that a device just got are no longer in the index, so issuing writes nothing to it.

DROP INDEX unit_waits;
CREATE INDEX unit_waits ON unit (CASE WHEN labels > 0 THEN 2 ELSE 1 END)
  WHERE (labels > 0 OR station IS NULL) AND issued_at IS NOT NULL AND verified_at IS NULL AND reported_at IS NULL
    AND registered_at IS NULL AND void_at IS NULL AND scrapped_at IS NULL
    AND coalesce(instr(extra, '"closedException":'), 0) = 0;
