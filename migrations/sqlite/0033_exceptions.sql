-- The issued units that nothing has proven yet: 0 without a label, 1 made as a file, 2 with a label that was not scanned
-- (src/sqlite/exception-rows.ts). A unit leaves the index with its scan or its registration, so finished units take no
-- space. The index does not read JSON, so a damaged row cannot make SQLite refuse the entire table.

CREATE INDEX unit_waits ON unit (CASE WHEN labels > 0 THEN 2 WHEN station IS NULL THEN 1 ELSE 0 END)
  WHERE issued_at IS NOT NULL AND verified_at IS NULL AND reported_at IS NULL AND registered_at IS NULL
    AND void_at IS NULL AND scrapped_at IS NULL AND coalesce(instr(extra, '"closedException":'), 0) = 0;

-- The units of rolls that no device has yet.

CREATE INDEX unit_unused ON unit (reservation)
  WHERE reservation IS NOT NULL AND issued_at IS NULL AND void_at IS NULL AND scrapped_at IS NULL;
