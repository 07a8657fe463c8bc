-- SQLite makes a table of a list of more than two values each time it checks a row against it (`EXPLAIN`: OpenEphemeral),
-- so for each unit that is written. Two short lists say the same without one.

ALTER TABLE unit RENAME COLUMN outcome TO former_outcome;
ALTER TABLE unit ADD COLUMN outcome TEXT
  CHECK (outcome IN ('registered', 'claimed') OR outcome IN ('refused', 'unreachable'));
UPDATE unit SET outcome = former_outcome WHERE former_outcome IS NOT NULL;
ALTER TABLE unit DROP COLUMN former_outcome;
