-- Lists of print jobs are read by index, however many jobs there were.

CREATE INDEX print_job_printer ON print_job (printer, id);
CREATE INDEX print_job_station ON print_job (station, id) WHERE station IS NOT NULL;
CREATE INDEX print_job_state ON print_job (state, id);
CREATE INDEX print_job_open_station ON print_job (station, id) WHERE state IN ('queued', 'sending');
