-- The role of a print job's label, such as box. NULL for the label of the device.

ALTER TABLE print_job ADD COLUMN role TEXT;
