-- Signed checkpoints: an ordinary table. What a note says can be checked against the events.
CREATE TABLE checkpoint (
  size INTEGER PRIMARY KEY CHECK (size >= 0),
  note TEXT NOT NULL,
  at   INTEGER NOT NULL                    -- ms since 1970, UTC
) STRICT;

-- Hashes of complete subtrees (RFC 6962), so that a proof hashes a thousand leaves and not ten million: a projection.
CREATE TABLE subtree (
  last INTEGER NOT NULL,                   -- seq of its last leaf
  size INTEGER NOT NULL CHECK (size >= 1024 AND last % size = 0),
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (last, size)
) STRICT, WITHOUT ROWID;
