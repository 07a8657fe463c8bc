-- A void unit's S/N may be another unit's by now: it is found here. Few units are void.

CREATE INDEX unit_void_serial ON unit (serial) WHERE void_at IS NOT NULL AND serial IS NOT NULL;
