-- Members that few units have (Unit.extra in src/model/unit.ts), so that the other units take no space for them.

ALTER TABLE unit ADD COLUMN extra TEXT CHECK (extra IS NULL OR json_valid(extra)); -- JSON
