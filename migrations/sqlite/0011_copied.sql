-- In a process's copy of a ledger that several share: how many changes of the rows beside the events it has. Else empty.

CREATE TABLE copied (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  side INTEGER NOT NULL CHECK (side >= 0)
) STRICT;
