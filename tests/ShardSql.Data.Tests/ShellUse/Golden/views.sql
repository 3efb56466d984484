CREATE TABLE goods (code varchar(5) PRIMARY KEY, price decimal(10,2) NOT NULL) SHARD BY HASH (code) INTO 2 SEGMENTS;
\dv
CREATE VIEW dear (name, cost) AS SELECT code, price FROM goods
  WHERE price > 100;
CREATE VIEW cheap AS SELECT * FROM goods WHERE price < 1;
\dv
\dt
\d
\d dear
SHOW CREATE VIEW dear;
SHOW CREATE TABLE goods;
SELECT table_name, view_definition FROM information_schema.views ORDER BY table_name;
DROP VIEW dear, cheap;
\dv
DROP TABLE goods;
