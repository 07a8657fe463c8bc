-- A code is found among the identities of all products in one step. Before, each product was one step. A MAC or EUI-64
-- has its hexadecimal digits in this index, and other values have their text. The expression is that of
-- src/sqlite/identity-key.ts.

DROP INDEX identity_key;
CREATE INDEX identity_code ON identity (property, CASE WHEN property NOT IN ('serial', 'uid')
    AND length(replace(replace(replace(replace(value, ':', ''), '-', ''), '.', ''), ' ', '')) IN (12, 16)
  THEN lower(replace(replace(replace(replace(value, ':', ''), '-', ''), '.', ''), ' ', '')) ELSE value END);
