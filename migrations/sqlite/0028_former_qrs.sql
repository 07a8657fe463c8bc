-- Labels that were printed with an earlier QR content of a product stay readable. The rule is formerQrs in
-- src/model/product.ts: contents that were replaced while the product had a unit, the last eight, the newest last.

UPDATE product SET settings = json_set(settings, '$.qrs', json(former.qrs))
FROM (
  SELECT product, json_group_array(qr ORDER BY replaced) AS qrs FROM (
    SELECT product, qr, row_number() OVER (PARTITION BY product ORDER BY replaced DESC) AS age, replaced FROM (
      SELECT product, qr, max(next) AS replaced FROM (
        SELECT line ->> '$.data.id' AS product, line ->> '$.data.qr' AS qr,
          lead(seq) OVER later AS next, lead(line ->> '$.data.qr') OVER later AS next_qr
        FROM event
        WHERE substr(line, instr(line, '"type":"') + 8, 13) = 'product-set",' AND line ->> '$.type' = 'product-set'
        WINDOW later AS (PARTITION BY line ->> '$.data.id' ORDER BY seq)
      ) JOIN product AS known ON known.name = product
      WHERE qr IS NOT NULL AND next IS NOT NULL AND qr IS NOT next_qr
        AND EXISTS (SELECT 1 FROM unit WHERE unit.product = known.id AND unit.id < next)
      GROUP BY product, qr
    )
  )
  WHERE age <= 8
  GROUP BY product
) AS former
WHERE product.name = former.product;
