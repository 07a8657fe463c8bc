-- Scanners and Caps Lock change the case of an S/N. The expressions and the conditions are those of
-- src/sqlite/scan-codes.ts.

CREATE INDEX unit_serial_caseless ON unit (lower(serial)) WHERE serial IS NOT NULL AND void_at IS NULL;
