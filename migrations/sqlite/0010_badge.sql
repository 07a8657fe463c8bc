-- Whose badge was scanned at a kiosk last, and when they last did something there (ms since 1970, UTC).

ALTER TABLE person ADD COLUMN badge TEXT;
CREATE UNIQUE INDEX person_badge ON person (badge) WHERE badge IS NOT NULL;
ALTER TABLE credential ADD COLUMN operator TEXT;
ALTER TABLE credential ADD COLUMN operator_at INTEGER;
