-- Reference devices, which figures of the line leave out (src/sqlite/left-out.ts). Few units are reference devices.

CREATE INDEX unit_reference ON unit (id) WHERE json_extract(extra, '$.reference') IS NOT NULL;
