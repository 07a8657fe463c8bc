-- The index of reference devices does not read JSON, so a damaged row cannot make SQLite refuse the entire table.

DROP INDEX unit_reference;
CREATE INDEX unit_reference ON unit (id) WHERE instr(extra, '"reference":') > 0;
