CREATE TABLE goods (code varchar(5), place integer, price decimal(10,2) NOT NULL, PRIMARY KEY (code, place))
  SHARD BY RANGE (code) SPLIT AT VALUES ('m');
\d
\dt
\d goods
\d Goods
\d "Goods"
\format csv
\d goods
\format nonsense
\format table
\x maybe
\nonsense
SELECT 1,
\r
SELECT 2 AS second;
\?
CREATE TABLE shelf (id integer PRIMARY KEY, code varchar(5), place integer UNIQUE,
  FOREIGN KEY (code, place) REFERENCES goods ON DELETE CASCADE);
\d shelf
\d goods
SHOW FOREIGN KEYS FROM TABLE shelf;
DROP TABLE goods;
DROP TABLE shelf, goods;
\d
CREATE TABLE counted (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n integer);
\d counted
CREATE SEQUENCE steps INCREMENT BY 5;
\ds
SHOW SEQUENCES WHERE sequence_name = 'steps';
DROP SEQUENCE counted_id_seq;
DROP TABLE counted;
DROP SEQUENCE steps;
\ds
