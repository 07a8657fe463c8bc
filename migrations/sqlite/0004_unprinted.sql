-- Which units a raw printer was handed a label for: it never says "printed", and the list of unprinted units is not the place for them.

CREATE INDEX print_job_sent ON print_job (unit) WHERE state = 'sent';
