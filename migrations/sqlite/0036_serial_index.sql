-- One index of S/Ns instead of two: it finds an S/N in any case, of one product or of all products.
-- The triggers refuse an S/N that a unit of the same product already has, as the unique index before did. The index itself
-- is not unique, because ledgers may have S/Ns that differ only in case.

CREATE INDEX unit_by_serial ON unit (lower(serial), product) WHERE serial IS NOT NULL AND void_at IS NULL;
DROP INDEX unit_serial;
DROP INDEX unit_serial_caseless;

CREATE TRIGGER unit_serial_is_new BEFORE INSERT ON unit WHEN NEW.serial IS NOT NULL AND NEW.void_at IS NULL AND EXISTS
  (SELECT 1 FROM unit WHERE lower(serial) = lower(NEW.serial) AND product = NEW.product AND serial = NEW.serial
    AND serial IS NOT NULL AND void_at IS NULL)
  BEGIN SELECT RAISE(ABORT, 'a unit of this product already has this S/N'); END;
CREATE TRIGGER unit_serial_stays_unique BEFORE UPDATE OF serial ON unit
  WHEN NEW.serial IS NOT OLD.serial AND NEW.serial IS NOT NULL AND NEW.void_at IS NULL AND EXISTS
  (SELECT 1 FROM unit WHERE lower(serial) = lower(NEW.serial) AND product = NEW.product AND serial = NEW.serial
    AND serial IS NOT NULL AND void_at IS NULL AND id <> NEW.id)
  BEGIN SELECT RAISE(ABORT, 'a unit of this product already has this S/N'); END;
