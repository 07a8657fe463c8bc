-- Where a session was opened, and when its owner last typed the password (ms since 1970, UTC).

ALTER TABLE credential ADD COLUMN source TEXT;
ALTER TABLE credential ADD COLUMN confirmed_at INTEGER;

-- The events about sign-ins, people, tokens, keys and kiosks. They are few, so that they are found without reading the rest.
CREATE TABLE access_event (
  seq   INTEGER PRIMARY KEY,
  type  TEXT NOT NULL,
  actor TEXT NOT NULL
) STRICT;
CREATE INDEX access_event_type ON access_event (type, seq);
CREATE INDEX access_event_actor ON access_event (actor, seq);

INSERT INTO access_event (seq, type, actor)
  SELECT seq, line ->> '$.type', line ->> '$.actor' FROM event
  WHERE substr(line, instr(line, '"type":"') + 8, 12) IN ('station-key-', 'token-set","', 'token-revoke', 'person-set",',
      'person-remov', 'invited","ac', 'kiosk-set","', 'hold-code-se', 'hold-code-wi')
    AND line ->> '$.type' IN ('station-key-set', 'token-set', 'token-revoked', 'person-set', 'person-removed', 'invited', 'kiosk-set',
      'hold-code-set', 'hold-code-withdrawn');
