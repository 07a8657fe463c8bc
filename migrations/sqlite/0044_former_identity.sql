-- The identities of void units. A void unit frees its identity for the device's next unit, but its device may still have
-- a number of a pool, so the number is never given out. The function bound_identity is that of
-- src/sqlite/former-identity.ts.

CREATE TABLE former_identity (
  unit     INTEGER NOT NULL REFERENCES unit,
  property TEXT NOT NULL,
  name     TEXT NOT NULL,                  -- the digits of a MAC or EUI-64, and the text of any other value
  PRIMARY KEY (unit, property)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_identity_name ON former_identity (name, property);

WITH RECURSIVE story (unit, seq) AS (
  SELECT id, last_seq FROM unit WHERE void_at IS NOT NULL
  UNION ALL SELECT story.unit, event.prev FROM story JOIN event USING (seq) WHERE event.prev IS NOT NULL)
INSERT OR IGNORE INTO former_identity (unit, property, name)
  SELECT unit, bound.value ->> 0, bound.value ->> 1
  FROM story JOIN event USING (seq), json_each(bound_identity(line)) AS bound;
