-- MACs and EUI-64s in spellings that the index identity_code does not contain, such as 0xA4C138AA0001 and
-- a4:c1:38:aa:0:1. The function spelled_key is that of src/sqlite/identity-key.ts.

DROP INDEX identity_short;

CREATE TABLE identity_spelling (
  unit     INTEGER NOT NULL REFERENCES unit,
  property TEXT NOT NULL,
  key      TEXT NOT NULL,
  PRIMARY KEY (unit, property)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_spelling_key ON identity_spelling (key, property);

INSERT INTO identity_spelling (unit, property, key)
  SELECT unit, property, spelled_key(property, value) FROM identity
  WHERE property NOT IN ('serial', 'uid') AND spelled_key(property, value) IS NOT NULL;
