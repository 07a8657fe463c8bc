-- What people did beside the work of the line: reads of many units, exports, reprints, changes of settings and units
-- (src/model/audit/kinds.ts). A page of one person and one type is a range of an index.

INSERT INTO access_event (seq, type, actor)
  SELECT seq, name, line ->> '$.actor' FROM (
    SELECT seq, line, CASE line ->> '$.type'
      WHEN 'bulk-read' THEN CASE WHEN line ->> '$.data.what' IN ('export', 'backup') THEN 'exported' ELSE 'bulk-read' END
      WHEN 'print-queued' THEN CASE WHEN line ->> '$.data.reprint' IS NOT NULL THEN 'reprinted' END
      ELSE line ->> '$.type' END AS name
    FROM event
    WHERE substr(line, instr(line, '"type":"') + 8, 8) IN ('bulk-rea', 'print-qu', 'product-', 'station-', 'printer-',
        'work-ord', 'shipping', 'ledger-a', 'clock-ac', 'void","u', 'scrapped', 'exceptio', 'sample-r', 'referenc')
      AND line ->> '$.type' IN ('bulk-read', 'print-queued', 'product-set', 'product-removed', 'station-set',
        'printer-set', 'work-order-set', 'work-order-closed', 'work-order-reopened', 'shipping-list-set',
        'shipping-list-closed', 'ledger-accepted', 'clock-accepted', 'void', 'scrapped', 'exception-closed',
        'sample-released', 'reference-set'))
  WHERE name IS NOT NULL;

DROP INDEX access_event_actor;
CREATE INDEX access_event_actor ON access_event (actor, type, seq);
