-- What reconciliation looks up. Units of one work order, or of one roll, are made one after the other: their entries go
-- to the end of each index, and only units that have one are in it.

CREATE INDEX unit_work_order ON unit (work_order) WHERE work_order IS NOT NULL;
CREATE INDEX unit_reservation ON unit (reservation) WHERE reservation IS NOT NULL;

-- Finds a unit's jobs in any state: the index of those in one state is not needed beside it.
CREATE INDEX print_job_unit ON print_job (unit);
DROP INDEX print_job_sent;
