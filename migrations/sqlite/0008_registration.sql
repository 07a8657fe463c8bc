-- What a device's registration said of its unit: the alarm that stands, and what came of it.

ALTER TABLE unit ADD COLUMN alarm TEXT;
ALTER TABLE unit ADD COLUMN outcome TEXT CHECK (outcome IN ('registered', 'claimed', 'refused', 'unreachable'));
CREATE INDEX unit_alarm ON unit (id) WHERE alarm IS NOT NULL;
