SELECT 1 AS a; SELECT 2 AS b,
  3 AS c
;
CREATE TABLE stock (id integer PRIMARY KEY, n integer NOT NULL, CHECK (n >= 0)) SHARD BY HASH (id);
INSERT INTO stock VALUES (1, 10), (2, 20), (3, 30);
UPDATE stock SET n = n + 1 WHERE id < 3;
UPDATE stock SET n = n - 1 WHERE id = 3 RETURNING id, n;
DELETE FROM stock WHERE id = 99;
INSERT INTO stock VALUES (1, 1);
INSERT INTO stock VALUES (4, -1);
SELECT n, nothing
FROM stock;
SELEC 1;
BEGIN;
DELETE FROM stock;
SELECT count(*) AS left_over FROM stock;
SELECT 1 / 0;
SELECT 1;
ROLLBACK;
SELECT count(*) AS left_over FROM stock;
-- a comment alone
;
\timing on
SELECT 1 AS timed;
\timing off
EXPLAIN SELECT s.id, t.n FROM stock s JOIN stock t ON s.id = t.id WHERE s.id = 1;
EXPLAIN SELECT n, count(*) FROM stock GROUP BY n ORDER BY 2;
EXPLAIN UPDATE stock SET n = 0 WHERE id = 1;
DROP TABLE stock;
