-- A MAC or EUI-64 is found in every spelling by its hexadecimal digits. The stored value stays as it was given.
-- The expression and the conditions are those of src/sqlite/identity-key.ts.

CREATE INDEX identity_key ON identity (product, property, lower(replace(replace(replace(replace(value, ':', ''), '-', ''), '.', ''), ' ', '')))
  WHERE property NOT IN ('serial', 'uid')
    AND length(replace(replace(replace(replace(value, ':', ''), '-', ''), '.', ''), ' ', '')) IN (12, 16);
