-- Events commit to the rows of credential and person: SHA-256 over the nonce and the fields of a row (src/model/access.ts).

ALTER TABLE credential ADD COLUMN nonce TEXT CHECK (length(nonce) = 64);
ALTER TABLE person ADD COLUMN nonce TEXT CHECK (length(nonce) = 64);

-- The commitments that are valid now, each with the event that made it.
CREATE TABLE access (
  commitment TEXT PRIMARY KEY CHECK (length(commitment) = 64),
  kind       TEXT NOT NULL,
  name       TEXT NOT NULL,
  seq        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The event that committed to all rows there were. Since then, every row has a commitment.
CREATE TABLE access_covered (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  seq INTEGER NOT NULL
) STRICT;
