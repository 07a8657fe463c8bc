-- The ledger, where several processes share it: the events, the tree over them, and the newest version of each row that
-- stands beside them. What follows from the events is kept by each process for itself.

CREATE TABLE event (
  seq  bigint PRIMARY KEY CHECK (seq > 0),
  line text NOT NULL,
  leaf bytea NOT NULL CHECK (octet_length(leaf) = 32)
);

CREATE FUNCTION events_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'events are never changed or deleted';
END $$;
CREATE TRIGGER event_stays BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION events_are_kept();
CREATE TRIGGER event_is_kept BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION events_are_kept();

-- One row: whoever has it locked decides. `side` counts the changes of the rows beside the events.
CREATE TABLE tree_head (
  one   integer PRIMARY KEY CHECK (one = 1),
  size  bigint NOT NULL CHECK (size >= 0),
  range bytea NOT NULL CHECK (octet_length(range) % 32 = 0),
  side  bigint NOT NULL CHECK (side >= 0)
) WITH (fillfactor = 10);
INSERT INTO tree_head (one, size, range, side) VALUES (1, 0, '', 0);

CREATE FUNCTION tree_head_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR NEW.size < OLD.size OR NEW.side < OLD.side THEN
    RAISE EXCEPTION 'the tree never shrinks';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER tree_head_grows BEFORE UPDATE OR DELETE ON tree_head FOR EACH ROW EXECUTE FUNCTION tree_head_grows();

-- Credentials, people, kept checkpoints, answers to Idempotency-Keys, how often a unit asked again: of each the newest.
CREATE TABLE side (
  subject text PRIMARY KEY,
  n       bigint NOT NULL UNIQUE,
  row     text NOT NULL
);

CREATE TABLE probe (
  one integer PRIMARY KEY CHECK (one = 1),
  at  timestamptz NOT NULL
);
