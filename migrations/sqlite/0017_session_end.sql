-- When the session of a kiosk's link ends at the latest. Only links have it.

ALTER TABLE credential ADD COLUMN session_until INTEGER;
