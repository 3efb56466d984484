CREATE TABLE formats (id integer PRIMARY KEY, t text, d decimal(38,10), r double precision, b boolean, bin bytes, u uuid,
  day date, at time, ts timestamp, tz timestamptz, j json);
INSERT INTO formats VALUES
  (1, 'plain', 1234567890123456789012345678.0123456789, '1.5e300', true, X'00ff', '00112233-4455-6677-8899-aabbccddeeff',
   '2024-02-29', '12:34:56', '2024-02-29 01:02:03.25', '2024-02-29 01:02:03+02', '{"a": [1, null]}'),
  (2, '日本語, "quoted"', -0.5, 'NaN', false, X'', NULL, '0001-01-01', '00:00:00.000001', '9999-12-31 23:59:59', NULL, '1'),
  (3, 'two
lines	and a tab', NULL, '-Infinity', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (4, '', 0, 0, true, NULL, NULL, NULL, NULL, NULL, NULL, 'null');
SELECT id, t, d, r, b FROM formats ORDER BY id;
SELECT id, bin, u, day, at, ts, tz, j FROM formats ORDER BY id;
SELECT id FROM formats WHERE id > 99;
\null '(none)'
\x
SELECT * FROM formats WHERE id = 3;
\x off
\format csv
SELECT * FROM formats ORDER BY id;
INSERT INTO formats (id) VALUES (5);
\format json
SELECT * FROM formats WHERE id < 5 ORDER BY id;
SELECT id FROM formats WHERE id > 99;
\format table
DROP TABLE formats;
