-- REPLACE deletes the row in its way without asking the DELETE trigger, on a connection without recursive_triggers.

CREATE TRIGGER event_follows BEFORE INSERT ON event WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM event)
  BEGIN SELECT RAISE(ABORT, 'events are only appended, without gaps'); END;

CREATE TRIGGER tree_head_is_one BEFORE INSERT ON tree_head BEGIN SELECT RAISE(ABORT, 'there is only one tree head'); END;
